import { type Step, step } from "../../engine/step.ts";
import { listenerProbes } from "../../health/probes/machine/listeners.ts";
import { hangingProbe, hangingPrograms } from "../../health/probes/services/hanging.ts";
import { liveHookProbes } from "../../health/probes/services/hook.ts";
import { serviceProbes } from "../../health/probes/services/services.ts";
import { inSafeOrder, monitorProgram } from "../../supervisor/safe-order.ts";
import { startServices as startInSafeOrder, stopServices } from "../../supervisor/services.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

/** The programs that this step started, in that order. */
type Receipt = { started: string[] };

/** Starts REC.IO's programs in the safe order, each when those before it are ready, system_monitor last. */
export function startServices(answers: Answers): Step<keyof World, Receipt> {
  return step<keyof World, Receipt>({
    id: "start-services",
    title: "Start REC.IO's services",
    why: "Each program is started when those that it reads from are ready. system_monitor comes last: it takes a program that is still coming for one that failed.",
    probes: [...serviceProbes(answers), hangingProbe, ...listenerProbes(), ...liveHookProbes()],
    async describe({ checkout }) {
      return inSafeOrder(await checkout.supervised()).map(({ name, port }) => ({
        what: "process" as const,
        target: name,
        detail: port === undefined ? "started" : `started, listens on 127.0.0.1:${port}`,
      }));
    },
    async run(world, job) {
      const receipt: Receipt = { started: [] };
      // After a reboot, or where it was stopped behind our back, the daemon is a part of starting.
      await world.supervisor.startDaemon();
      const hanging = await hangingPrograms(world, job.signal);
      for (const { name, how } of hanging) job.log(`${name} ${how}, so it is started anew.`);
      // The monitor must not see them go: it would switch trading off, and on again when they are back.
      const anew = hanging.length > 0 ? [...hanging.map(({ name }) => name), monitorProgram] : [];
      for (const { halted } of hanging) if (halted !== undefined) await world.machine.signal(halted, "SIGCONT");
      await stopServices(world, anew, (line) => job.log(line));
      await startInSafeOrder(world, {
        signal: job.signal,
        log: (line) => job.log(line),
        progress: (done, total, name) => job.progress(done, total, "programs", name),
        started: async (name) => {
          receipt.started.push(name);
          await job.spent(receipt);
        },
      });
      return receipt;
    },
    undo: {
      async takeBack({ supervisor }, { started }, job) {
        if ((await supervisor.daemon()) === undefined) return;
        await stopServices({ supervisor }, started, (line) => job.log(line));
      },
    },
  });
}
