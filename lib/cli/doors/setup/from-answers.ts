import type { ProblemFacts } from "../../../problem.ts";
import { type GivenAnswers, readAnswersFile } from "../../answers-file.ts";
import type { DoorContext, Outcome } from "../../door.ts";
import { endOnInterrupt } from "../../follow.ts";
import { openHolder } from "../../holder.ts";
import { ensureServer } from "../../page.ts";
import { healthLines } from "../../print.ts";
import { installUnattended, type Teller } from "../../unattended.ts";

/** Installs with the answers of a file, asking nobody. */
export async function unattended(context: DoorContext, file: string): Promise<Outcome> {
  const { say, settings, paths } = context;
  const read = () => readAnswersFile(file, settings.home, paths);
  // A wrong file is told before anything is started, but where the answers ask for what only a made world offers.
  let given = context.kind === "real" ? read() : undefined;
  endOnInterrupt(context, 130);
  const status = await ensureServer(context, "setup");
  say(`The page is http://localhost:${status.port}/; npm run setup prints a link that lets a browser in.`);
  given ??= read();
  return carriedOut(context, status, given, { say });
}

/** What to do about it, as a person at a terminal does it. Pure. */
function remedyLine({ remedy }: ProblemFacts, kind: DoorContext["kind"]): string {
  if (remedy?.kind !== "step") return remedy?.says ?? "";
  const world = kind === "rehearsal" ? " --rehearsal" : "";
  return `${remedy.says} npm run repair -- ${remedy.stepId}${world} shows what that changes and does it; then run this command again.`;
}

/** Carries out what was given, and tells how it ended. */
export async function carriedOut(
  context: DoorContext,
  status: { port: number },
  given: GivenAnswers,
  teller: Teller,
): Promise<Outcome> {
  const url = `http://localhost:${status.port}/`;
  const { run, health } = await installUnattended(await openHolder(context), given, teller);
  const failed = run.entries.find((entry) => entry.status === "failed" || entry.status === "blocked");
  return {
    exit: health.installed ? 0 : 1,
    json: {
      installed: health.installed,
      tradable: health.tradable,
      url,
      runId: run.runId,
      run: run.status,
      reasons: health.reasons,
      ...(failed?.problem ? { problem: failed.problem } : {}),
    },
    lines: [
      `The run is over: ${run.status}.`,
      ...(failed?.problem ? [failed.problem.says, remedyLine(failed.problem, context.kind)] : []),
      ...healthLines(health),
    ].filter((line) => line !== ""),
  };
}
