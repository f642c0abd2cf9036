import { type AnyProbe, type Finding, probe } from "../../engine/probe.ts";
import { sentence } from "../../problem.ts";
import type { World } from "../../world.ts";
import { rehearseUpdate, type UpdateRehearsal } from "./rehearse-update.ts";

const short = (commit: string) => commit.slice(0, 7);

/** What is in the way, a clause each, the first few. */
function hindrances({ statements, modules, collisions, drift }: UpdateRehearsal): string[] {
  return [
    ...statements.refused.map(({ where, missing }) => `${where} needs ${missing}`),
    ...modules.map(({ module, where }) => `${where} imports ${module}`),
    ...collisions.map((file) => `${file} is changed here and there`),
    ...drift.filter(({ kind }) => kind === "breaks").map(({ says }) => says.replace(/\.$/, "")),
  ];
}

/** @param anyway the person has read what would break, and goes on. Pure. */
export function judgeUpdate(found: UpdateRehearsal, anyway: boolean): Finding {
  if (found.verdict !== "would break") return { level: "ok", says: found.says };
  const all = hindrances(found);
  const named = `${all.slice(0, 3).join("; ")}${all.length > 3 ? `; and ${all.length - 3} more` : ""}`;
  const finding = {
    says: `${found.says} ${named}.`,
    evidence: { asked: `what ${short(found.to)} would mean`, cameBack: all.join("\n") },
  };
  // A file that would be lost is refused by git itself, whatever the person says.
  if (anyway)
    return { level: "warn", ...finding, remedy: sentence("Go back with the same command and the commit before.") };
  return {
    level: "fail",
    ...finding,
    remedy: sentence(
      `Wait for a commit that fits, or bring it anyway with npm run recio -- update ${short(found.to)} --anyway.`,
    ),
  };
}

/** Whether this installation holds for the other commit, read and prepared before anything is changed. */
export function updateFits(to: string, anyway: boolean): AnyProbe {
  return probe<"machine" | "checkout" | "paths" | "postgres", UpdateRehearsal>({
    id: "update-fits",
    title: `This installation holds for ${short(to)}`,
    group: "Checkout",
    label: "checkout",
    everyMs: 3_600_000,
    timeoutMs: 240_000,
    collect: (world: Pick<World, "machine" | "checkout" | "paths" | "postgres">, signal) =>
      rehearseUpdate(world, to, signal),
    judge: (found) => judgeUpdate(found, anyway),
  }) as AnyProbe;
}
