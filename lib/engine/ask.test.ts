import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "playwright/test";
import { ask } from "./ask.ts";
import { lit, worldOf } from "./toy-world.ts";

const world = worldOf(new Set(["hall"]));

test("a server that asks for days remembers none of its questions", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const used = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const server = new AbortController();
  const times = async (count: number) => {
    for (let time = 0; time < count; time++) await ask(lit("hall"), world, server.signal);
  };
  await times(1000);
  const before = used();
  await times(10_000);
  expect(getEventListeners(server.signal, "abort")).toHaveLength(0);
  // A question that is remembered takes more than a kilobyte: these would be ten megabytes and more.
  expect((used() - before) / 10_000).toBeLessThan(300);
});

test("what takes too long is not known, and what the asker gives up is not waited for", async () => {
  const endless = { ...lit("hall"), timeoutMs: 20, collect: () => new Promise<never>(() => {}) };
  expect((await ask(endless, world, new AbortController().signal)).finding).toEqual({
    level: "unknown",
    says: "No answer came within 0 s.",
  });
  const asker = new AbortController();
  const answer = ask({ ...endless, timeoutMs: 60_000 }, world, asker.signal);
  asker.abort();
  expect((await answer).finding.level).toBe("unknown");
  expect((await ask({ ...endless, timeoutMs: 60_000 }, world, asker.signal)).finding.level).toBe("unknown");
});

test("the one who looks is told to stop, whether time is over or nobody asks any more", async () => {
  const reasons: unknown[] = [];
  const looking = {
    ...lit("hall"),
    timeoutMs: 20,
    collect: (_world: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        }),
      ),
  };
  await ask(looking, world, new AbortController().signal);
  const asker = new AbortController();
  const answer = ask({ ...looking, timeoutMs: 60_000 }, world, asker.signal);
  asker.abort("enough");
  await answer;
  expect(reasons).toEqual([expect.objectContaining({ name: "AbortError" }), "enough"]);
});
