import { join } from "node:path";
import { z } from "zod";
import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { programsGoneWithout } from "../../../supervisor/programs/gone-without.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import { stillFilling } from "../../probes/data/warming-up.ts";
import type { AskedQuestion } from "../../report.ts";
import { oneShot } from "../means/one-shot.ts";
import { programProof, readLog, startAgain } from "../means/program-proof.ts";

/** What its own class finds when it is asked once. */
const once = z.object({
  database: z.boolean(),
  files: z.boolean(),
  level: z.string(),
  healthy: z.array(z.string()),
  ill: z.array(z.string()),
});

export interface DetectorFacts {
  once: z.infer<typeof once>;
  /** The last verdict in the log of the process that runs, as "3/9"-like words with a level, or undefined. */
  verdict?: { level: string; healthy: number; total: number };
  upForSeconds?: number;
  without: readonly string[];
}

/** The last verdict in its log: "System healthy - 9/9 services running". Pure. */
export function lastVerdict(log: string): DetectorFacts["verdict"] {
  const all = [...log.matchAll(/System (healthy|warning|critical|catastrophic) - (\d+)\/(\d+) services running/g)];
  const [, level, healthy, total] = all.at(-1) ?? [];
  return level ? { level, healthy: Number(healthy), total: Number(total) } : undefined;
}

export function judgeDetector(facts: DetectorFacts): Finding {
  const { database, files, level, healthy, ill } = facts.once;
  const evidence = {
    asked: "its own checks once, in a process like its own; and the last verdict in its log",
    cameBack: `database ${database}, files ${files}, level ${level}, ${healthy.length} of ${healthy.length + ill.length} programs; log: ${facts.verdict ? `${facts.verdict.level} ${facts.verdict.healthy}/${facts.verdict.total}` : "no verdict"}`,
  };
  const fail = (says: string, remedy = readLog("cascading_failure_detector")): Finding => ({
    level: "fail",
    says,
    evidence,
    remedy,
  });
  if (!database) return fail("cascading_failure_detector cannot read the database.");
  if (!files) return fail("cascading_failure_detector misses a file that it takes for critical.");
  if (level !== "none") return fail(`cascading_failure_detector calls the system ${level}.`);
  const missing = ill.filter((name) => !facts.without.includes(name));
  if (missing.length > 0) return fail(`cascading_failure_detector does not see ${missing.join(", ")} run.`, startAgain);
  if (!facts.verdict) {
    const warms = { what: "The first verdict of cascading_failure_detector is", up: facts.upForSeconds, needed: 60 };
    const warming = stillFilling(warms, evidence);
    if (warming) return warming;
    return fail("The log of cascading_failure_detector holds no verdict: its loop does not run.");
  }
  if (facts.verdict.level === "catastrophic" || facts.verdict.level === "critical")
    return fail(`cascading_failure_detector last called the system ${facts.verdict.level}.`, startAgain);
  return {
    level: "ok",
    says: `Reads the database and its files and sees ${healthy.length} of ${healthy.length + ill.length} programs; its last verdict was ${facts.verdict.level}.`,
    evidence,
  };
}

const lines = `
from backend.cascading_failure_detector import CascadingFailureDetector
detector = CascadingFailureDetector()
detector.update_service_health()
states = {name: found.get("status") for name, found in detector.service_health.items()}
answer({
    "database": bool(detector.check_database_integrity()),
    "files": bool(detector.check_critical_files()),
    "level": str(detector.assess_failure_level()),
    "healthy": [name for name, state in states.items() if state == "healthy"],
    "ill": [name for name, state in states.items() if state != "healthy"],
})
`;

export function detectorProof(answers: Answers): AskedQuestion {
  const program = "cascading_failure_detector";
  return programProof<"settings" | "postgres" | "supervisor" | "machine" | "paths" | "checkout">(answers, {
    id: "cascading-failure-detector-works",
    title: "cascading_failure_detector checks what it is there to check",
    program,
    // It takes a Python of its own, a second of one core each time.
    everyMs: 900_000,
    // It calls supervisorctl nine times.
    timeoutMs: 90_000,
    prove: async (world, signal) => {
      const up = await upForSeconds(world, program);
      const log = await world.machine.files.tail(join(world.paths.programLogs, `${program}.out.log`), 64 * 1024);
      const verdict = log === undefined ? undefined : lastVerdict(log);
      return judgeDetector({
        once: once.parse(await oneShot(world, program, lines, signal, 80_000)),
        without: programsGoneWithout(answers),
        ...(verdict ? { verdict } : {}),
        ...(up === undefined ? {} : { upForSeconds: up }),
      });
    },
  });
}
