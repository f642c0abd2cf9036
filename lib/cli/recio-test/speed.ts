import { ask } from "../../engine/ask.ts";
import { secondsOfWarmUp } from "../../engine/probe.ts";
import type { RunState } from "../../engine/state.ts";
import { neededProofs } from "../../health/proofs/proofs.ts";
import type { Answers } from "../../install/answers.ts";
import { askServer } from "../../server/control/control-client.ts";
import type { World } from "../../world.ts";

/** Milliseconds. */
export interface SpeedFigures {
  /** From the moment at which supervisord was started until the last of a program's required proofs held. */
  provenAfterMs: Record<string, number>;
  /** Programs that held and still warmed up when the run ended. */
  warmingUp: string[];
  /** The slowest of those that were proven, the price watchdogs apart: a momentum wants a minute of prices before it. */
  allProvenAfterMs: number;
  /** All proofs, asked one after the other beside nothing of ours. */
  proofs: {
    totalMs: number;
    /** Of that the Python programs of ours that some proofs start: the rest is the database, HTTP, and waiting for both. */
    childrenMs: number;
    databaseAndHttpMs: number;
    each: { id: string; tookMs: number; childrenMs: number }[];
  };
}

const waitsForMomentum = (program: string) => program.startsWith("symbol_price_watchdog");

/**
 * When each program was proven in a run that started supervisord, counted from there; a program with several required
 * proofs by its last one. Pure.
 */
export function provenAfter(
  run: RunState,
  programOf: ReadonlyMap<string, string>,
): Pick<SpeedFigures, "provenAfterMs" | "warmingUp" | "allProvenAfterMs"> {
  const from = run.entries.find(({ id }) => id === "start-supervisord")?.startedAt;
  const findings = run.entries.filter(({ kind }) => kind === "proving").flatMap((entry) => entry.findings);
  const provenAfterMs: Record<string, number> = {};
  const warmingUp = new Set<string>();
  for (const { probeId, finding, at, tookMs } of findings) {
    const program = programOf.get(probeId);
    if (program === undefined || from === undefined) continue;
    if (secondsOfWarmUp(finding) !== undefined) warmingUp.add(program);
    else provenAfterMs[program] = Math.max(provenAfterMs[program] ?? 0, at + tookMs - from);
  }
  for (const program of warmingUp) delete provenAfterMs[program];
  const others = Object.entries(provenAfterMs).flatMap(([program, ms]) => (waitsForMomentum(program) ? [] : [ms]));
  return { provenAfterMs, warmingUp: [...warmingUp], allProvenAfterMs: Math.max(0, ...others) };
}

/** The world, with the time that programs take which it starts added up. */
function countingChildren(world: World): { world: World; childrenMs(): number } {
  let sum = 0;
  const exec: World["machine"]["exec"] = async (...call) => {
    const started = performance.now();
    try {
      return await world.machine.exec(...call);
    } finally {
      sum += performance.now() - started;
    }
  };
  return { world: { ...world, machine: { ...world.machine, exec } }, childrenMs: () => sum };
}

async function costOfProofs(world: World, answers: Answers): Promise<SpeedFigures["proofs"]> {
  const signal = new AbortController().signal;
  const each: SpeedFigures["proofs"]["each"] = [];
  for (const { question } of neededProofs(answers)) {
    const counting = countingChildren(world);
    const { tookMs } = await ask(question, counting.world, signal);
    each.push({ id: question.id, tookMs, childrenMs: Math.round(counting.childrenMs()) });
  }
  each.sort((one, other) => other.tookMs - one.tookMs);
  const total = (of: "tookMs" | "childrenMs") => each.reduce((sum, one) => sum + one[of], 0);
  const [totalMs, childrenMs] = [total("tookMs"), total("childrenMs")];
  return { totalMs, childrenMs, databaseAndHttpMs: totalMs - childrenMs, each };
}

/** How soon the installation that just ended was proven, and what proving it costs now. */
export async function speedOf(world: World, answers: Answers): Promise<SpeedFigures | undefined> {
  const { controlSocket } = world.paths;
  const runs = (await askServer(controlSocket, "runs", {})) ?? [];
  const states = await Promise.all(runs.map(({ runId }) => askServer(controlSocket, "run-state", { runId })));
  const install = states.findLast((state) => state?.purpose === "install" && state.status === "done");
  if (!install) return undefined;
  const asked = neededProofs(answers);
  const programOf = new Map(
    asked.flatMap(({ question, need }) =>
      question.kind === "proof" && question.program && need === "installed" ? [[question.id, question.program]] : [],
    ),
  );
  return { ...provenAfter(install, programOf), proofs: await costOfProofs(world, answers) };
}

/** For a terminal. Pure. */
export function speedLines({ provenAfterMs, warmingUp, allProvenAfterMs, proofs }: SpeedFigures): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const byTime = Object.entries(provenAfterMs).sort(([, one], [, other]) => other - one);
  const [others, prices] = [
    byTime.filter(([program]) => !waitsForMomentum(program)),
    byTime.filter(([program]) => waitsForMomentum(program)),
  ];
  return [
    `proven: ${others.length} programs within ${seconds(allProvenAfterMs)} of supervisord's start (60 s are promised), the last ${others[0]?.[0] ?? "nobody"}; the momentum of the prices ${prices.map(([, ms]) => seconds(ms)).join(" and ") || "not yet"}${warmingUp.length > 0 ? `; still warming up: ${warmingUp.join(", ")}` : ""}`,
    `proofs: ${seconds(proofs.databaseAndHttpMs)} of database and HTTP time together (3 s are promised), ${seconds(proofs.childrenMs)} of Python besides; the dearest: ${proofs.each
      .slice(0, 5)
      .map(({ id, tookMs, childrenMs }) => `${id} ${tookMs - childrenMs}${childrenMs > 0 ? ` + ${childrenMs}` : ""} ms`)
      .join(", ")}`,
  ];
}
