import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, Probe } from "../engine/probe.ts";
import type { Job, Json, Step } from "../engine/step.ts";
import { localMachine } from "../machine/local-machine.ts";
import type { Machine } from "../machine/machine.ts";
import { type StatePaths, statePaths } from "../paths.ts";
import type { World } from "../world.ts";
import { recioCheckout } from "./recio-checkout.ts";

/** A folder for one test with the place of a checkout (not yet there) and of a state, and ways to run a step on them. */
export interface StepsWorld {
  folder: string;
  root: string;
  machine: Machine;
  paths: StatePaths;
  world: World;
  ask(probe: Probe | undefined): Promise<Finding>;
  /** Probe id → level. */
  levels(probes: readonly Probe[]): Promise<Record<string, string>>;
  takeBack<Needs extends keyof World, Receipt extends Json>(
    step: Step<Needs, Receipt>,
    receipt: Receipt,
  ): Promise<void>;
  end(): Promise<void>;
}

/** A job whose words and receipts a test can read; it fits any step. */
export function heardJob(signal = new AbortController().signal) {
  const heard = { lines: [] as string[], spent: [] as unknown[], progress: [] as string[] };
  const job: Job<never> = {
    signal,
    secrets: {},
    progress: (done, total, unit, note) => void heard.progress.push(`${done}/${total} ${unit} ${note ?? ""}`),
    log: (line) => void heard.lines.push(line),
    spent: async (receipt) => void heard.spent.push(structuredClone(receipt)),
  };
  return { job, heard };
}

export async function stepsWorld(): Promise<StepsWorld> {
  const temporary = localMachine({ stateFolder: tmpdir() });
  const folder = join(
    (await temporary.files.realPath(tmpdir())) ?? tmpdir(),
    `steps-${randomBytes(6).toString("hex")}`,
  );
  await temporary.files.makeFolder(folder, 0o700);
  const root = join(folder, "rec io's");
  const paths = statePaths(join(folder, "state"));
  const machine = localMachine({ stateFolder: paths.state });
  const world = { machine, paths, checkout: recioCheckout({ root, machine, paths }) } as unknown as World;
  const ask = async (probe: Probe | undefined): Promise<Finding> => {
    if (!probe) throw new Error("the step has no such probe");
    return probe.judge(await probe.collect(world, new AbortController().signal));
  };
  return {
    folder,
    root,
    machine,
    paths,
    world,
    ask,
    levels: async (probes) =>
      Object.fromEntries(await Promise.all(probes.map(async (probe) => [probe.id, (await ask(probe)).level]))),
    async takeBack(step, receipt) {
      if (!("takeBack" in step.undo)) throw new Error("the step has no undo");
      await step.undo.takeBack(world, receipt, heardJob().job as never);
    },
    end: () => temporary.files.removeTree(folder),
  };
}
