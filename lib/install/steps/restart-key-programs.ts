import { type Step, step } from "../../engine/step.ts";
import { keyProgramsProbe, programsWithKey } from "../../health/probes/kalshi/key-programs.ts";
import { tradingState } from "../../postgres/order-lock.ts";
import { Problem, sentence } from "../../problem.ts";
import type { TradingState } from "../../runtime.ts";
import { restartPrograms } from "../../supervisor/recio.ts";
import { inSafeOrder } from "../../supervisor/safe-order.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Receipt = { restarted: string[] };
type Flags = Pick<TradingState, "autoEntry" | "momentumSpike" | "mode">;

/** What the restart turned on; nothing where all is as it was, or less. Pure. */
export function turnedOn(before: Flags, after: Flags): string[] {
  return [
    ...(after.autoEntry === true && before.autoEntry !== true ? ["automated entry"] : []),
    ...(after.momentumSpike === true && before.momentumSpike === false ? ["momentum spike"] : []),
    ...(after.mode !== before.mode ? ["the order lock"] : []),
  ];
}

/**
 * Starts the programs that hold the Kalshi key anew, in the safe order and without the monitor, so that they sign with
 * what is on disk. The trading flags are looked at before and after: a start must turn nothing on.
 */
export function restartKeyPrograms(answers: Pick<Answers, "kalshi">): Step<keyof World, Receipt> {
  return step<keyof World, Receipt>({
    id: "restart-key-programs",
    title: "Start the programs that hold the key anew",
    why: "A program reads the key when it starts, and signs with that one until it is started again.",
    probes: [keyProgramsProbe(answers)],
    async describe(world) {
      const names = await programsWithKey(world);
      return inSafeOrder(names.map((name) => ({ name }))).map(({ name }) => ({
        what: "process" as const,
        target: name,
        detail: "stopped and started again; system_monitor waits meanwhile",
      }));
    },
    async run(world, job) {
      const names = await programsWithKey(world);
      const before = await tradingState(world.postgres);
      await job.spent({ restarted: names });
      await restartPrograms(world, { signal: job.signal, log: (line) => job.log(line) }, names);
      const on = turnedOn(before, await tradingState(world.postgres));
      if (on.length > 0)
        throw new Problem({
          code: "trading.changed-by-restart",
          says: `The restart changed ${on.join(" and ")}.`,
          remedy: sentence("Lock new orders on the health page, and look at what was changed."),
        });
      job.log("The trading flags are as they were.");
      return { restarted: names };
    },
    undo: { never: "A restart changes nothing that stays." },
  });
}
