import { expect, test } from "playwright/test";
import { Problem, sentence } from "../problem.ts";
import { describePlan } from "./describe.ts";
import type { Probe } from "./probe.ts";
import type { Gate } from "./step.ts";
import { light, lit, worldOf } from "./toy-world.ts";

const noMains = (remedy?: string) =>
  new Problem({ code: "toy.no-mains", says: "There are no mains.", ...(remedy ? { remedy: sentence(remedy) } : {}) });

const thrower = (id: string, problem: Problem): Probe => ({
  ...lit(id),
  collect: async () => {
    throw problem;
  },
});

test("what cannot be asked blocks the plan with the remedy of what stands in the way", async () => {
  const gate: Gate = { kind: "gate", id: "g", title: "Mains", probes: [thrower("a", noMains("Plug it in."))] };
  const { blockers } = await describePlan([gate], worldOf(new Set()), new AbortController().signal);
  expect(blockers).toEqual([{ entryId: "g", says: "There are no mains.", remedy: sentence("Plug it in.") }]);
});

test("one cause is said once, with the remedy that any of the questions knows", async () => {
  const gate: Gate = {
    kind: "gate",
    id: "g",
    title: "Mains",
    probes: [thrower("a", noMains()), thrower("b", noMains("Plug it in.")), lit("c")],
  };
  const step = light("d", {
    describe: async () => {
      throw noMains("Buy a generator.");
    },
  });
  const { blockers } = await describePlan([gate, step], worldOf(new Set()), new AbortController().signal);
  expect(blockers).toEqual([
    { entryId: "g", says: "There are no mains.", remedy: sentence("Plug it in.") },
    { entryId: "g", says: "c is dark", remedy: sentence("Light it.") },
  ]);
});
