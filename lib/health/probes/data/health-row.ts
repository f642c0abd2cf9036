import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import { programsGoneWithout } from "../../../supervisor/programs/gone-without.ts";
import type { World } from "../../../world.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { HealthRowFacts, Read } from "../../live-data/sections.ts";
import { unreadable } from "../../live-data/unreadable.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import type { AskedQuestion } from "../../report.ts";
import { stillFilling, warmingUp } from "./warming-up.ts";

export interface MonitorFacts {
  row: Read<HealthRowFacts>;
  /** Names of the programs that supervisord runs here. */
  supervised: readonly string[];
  /** Programs that the person agreed to go without; the monitor counts them as failed. */
  without: readonly string[];
  upForSeconds?: number;
}

const table = "system.health_status";
/** The monitor looks every 15 s and needs some seconds for its 24 calls of supervisorctl. */
const freshSeconds = 45;
/** On a busy machine those calls take long; later than this its loop does not run. */
const lateSeconds = 90;
/** A state that its last life stored, shortly before it was started again. */
const lastLifeSeconds = 300;

/** What the monitor last stored: is it of now, and is it about the programs that run here? */
export function judgeHealthRow({ row: read, supervised, without, upForSeconds: up }: MonitorFacts): Finding {
  if ("unreadable" in read) return unreadable(read);
  const row = read.facts;
  const evidence = {
    asked: `${table}, row 1`,
    cameBack: row
      ? `${row.overall ?? "no verdict"}, ${row.healthy ?? 0} of ${row.total ?? 0}, ${row.ageSeconds?.toFixed(0) ?? "?"} s old`
      : "no row",
  };
  const fail = (says: string, remedy = sentence("Look at the log of system_monitor.")): Finding => ({
    level: "fail",
    says,
    objects: [table],
    evidence,
    remedy,
  });
  const warms = { what: "The system monitor is", up, needed: 60 };
  const recent = row !== null && row.ageSeconds !== null && row.ageSeconds <= lastLifeSeconds;
  const patient = recent ? stillFilling(warms, evidence) : warmingUp(warms);
  if (!row || row.ageSeconds === null) return patient ?? fail("system_monitor has stored no state.");
  if (row.ageSeconds > freshSeconds && row.ageSeconds <= lateSeconds)
    return {
      level: "warn",
      says: `system_monitor stored its last state ${Math.round(row.ageSeconds)} s ago, later than its 15 s.`,
      evidence,
      remedy: sentence("Look whether the machine is busy."),
    };
  if (row.ageSeconds > lateSeconds)
    return (
      patient ??
      fail(`system_monitor stored its last state ${Math.round(row.ageSeconds)} s ago, and does so every 15 s.`)
    );
  const expected = [...new Set([...supervised, ...without])].length;
  if (row.total !== expected)
    return fail(`system_monitor counts ${row.total ?? 0} programs, and there are ${expected}.`);
  const surprising = row.failed.filter((name) => !without.includes(name));
  if (supervised.length > 0 && surprising.length >= supervised.length)
    return (
      patient ??
      fail(
        "system_monitor sees none of the programs run: it looks at another supervisord.",
        repairedBy("install-hook", "Install the hook and start the programs again."),
      )
    );
  if (surprising.length > 0)
    return (
      patient ??
      fail(
        `system_monitor counts ${surprising.join(", ")} as failed.`,
        repairedBy("start-services", "Start REC.IO's programs again."),
      )
    );
  const gone = row.failed.length > 0 ? ` It misses ${row.failed.join(", ")}, as you agreed.` : "";
  return {
    level: "ok",
    says: `${row.healthy ?? 0} of ${row.total} programs, stored ${Math.round(row.ageSeconds)} s ago.${gone}`,
    evidence,
  };
}

export async function collectMonitor(
  world: Pick<World, "postgres" | "supervisor" | "checkout">,
  answers: Answers,
): Promise<MonitorFacts> {
  const [data, up, programs] = await Promise.all([
    liveData(world),
    upForSeconds(world, "system_monitor"),
    world.checkout.supervised(),
  ]);
  return {
    row: data.healthRow,
    supervised: programs.map((program) => program.name),
    without: programsGoneWithout(answers),
    ...(up === undefined ? {} : { upForSeconds: up }),
  };
}

export function healthRowProbes(answers: Answers): AskedQuestion[] {
  const question = probe<"postgres" | "supervisor" | "checkout", MonitorFacts>({
    id: "health-row-fresh",
    title: "REC.IO's own health record is of now",
    group: "Services",
    label: "machine",
    everyMs: 15_000,
    collect: (world) => collectMonitor(world, answers),
    judge: judgeHealthRow,
  });
  return [{ question: question as AnyProbe, need: "installed" }];
}
