import { type Step, step } from "../../engine/step.ts";
import { supervisordProbes } from "../../health/probes/services/supervisor.ts";
import type { World } from "../../world.ts";

/** Starts our supervisord; no program is started with it. */
export function startSupervisord(): Step<keyof World, { started: true }> {
  return step<keyof World, { started: true }>({
    id: "start-supervisord",
    title: "Start supervisord",
    why: "It keeps REC.IO's programs running and is spoken to over a socket that only this user can open.",
    probes: supervisordProbes(),
    async describe({ paths }) {
      return [
        { what: "process", target: "supervisord", detail: `on ${paths.supervisorConf}, detached, no network port` },
      ];
    },
    async run({ supervisor }, job) {
      await job.spent({ started: true });
      await supervisor.startDaemon();
      job.log("supervisord answers on its socket.");
      return { started: true };
    },
    undo: {
      async takeBack({ supervisor }, _receipt, job) {
        await supervisor.shutdown();
        job.log("supervisord is stopped, and every program of REC.IO with it.");
      },
    },
  });
}
