import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { isProblem, repairedBy } from "../../../problem.ts";
import { desiredConfiguration } from "../../../supervisor/desired-configuration.ts";
import { openToOthers, programsUser } from "../../../supervisor/programs-user/programs-user.ts";

const writeAgain = repairedBy("write-supervisor-configuration", "Write supervisord's configuration");
const startIt = repairedBy("start-supervisord", "Start supervisord");

/** The configuration is word for word what this product writes for the checkout as it is now, and nobody else's to read. */
const configuration = probe({
  id: "supervisor-configuration",
  title: "supervisord's configuration is ours",
  group: "Services",
  label: "machine",
  everyMs: 15_000,
  async collect(world) {
    const { machine, paths } = world;
    const [desired, written, facts, logs] = await Promise.all([
      desiredConfiguration(world),
      machine.files.read(paths.supervisorConf),
      machine.files.facts(paths.supervisorConf),
      machine.files.facts(paths.programLogs),
    ]);
    return {
      state: written === undefined ? ("absent" as const) : written === desired ? ("same" as const) : ("other" as const),
      open: facts !== undefined && openToOthers(facts, await programsUser(world)),
      logs: logs?.kind === "folder",
      programs: desired.split("\n").filter((line) => line.startsWith("[program:")).length,
    };
  },
  judge({ state, open, logs, programs }): Finding {
    if (state === "absent") {
      return { level: "fail", says: "supervisord's configuration is not written.", remedy: writeAgain };
    }
    if (state === "other") {
      return {
        level: "fail",
        says: "supervisord's configuration is not the one for this checkout and database.",
        remedy: writeAgain,
      };
    }
    if (open) return { level: "fail", says: "supervisord's configuration is open to others.", remedy: writeAgain };
    if (!logs) return { level: "fail", says: "The folder of the programs' logs is missing.", remedy: writeAgain };
    return {
      level: "ok",
      says: `supervisord's configuration names ${programs} programs, its own socket and no password.`,
    };
  },
});

const alive = probe({
  id: "supervisord-alive",
  title: "Our supervisord runs",
  group: "Services",
  label: "machine",
  everyMs: 5_000,
  timeoutMs: 5_000,
  async collect({ supervisor }) {
    try {
      return { pid: await supervisor.daemon() };
    } catch (thrown) {
      if (isProblem(thrown)) return { problem: thrown.says, remedy: thrown.remedy };
      throw thrown;
    }
  },
  judge(facts: { pid?: number; problem?: string; remedy?: import("../../../problem.ts").Remedy }): Finding {
    if (facts.problem) return { level: "fail", says: facts.problem, remedy: facts.remedy ?? startIt };
    if (facts.pid === undefined) return { level: "fail", says: "supervisord does not run.", remedy: startIt };
    return { level: "ok", says: "supervisord answers on its own socket." };
  },
});

/** What the step write-supervisor-configuration must bring about. */
export function supervisorConfigurationProbes(): [AnyProbe] {
  return [configuration];
}

/** What the step start-supervisord must bring about. */
export function supervisordProbes(): [AnyProbe] {
  return [alive];
}
