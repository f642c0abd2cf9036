import { isAbsolute, join, normalize, resolve } from "node:path";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { ProcessFacts } from "../../../machine/machine.ts";
import { isProblem, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

export interface SecondFacts {
  others: readonly { pid: number; script: string }[];
  /** The checkout that is installed is a stand-in itself: its monitor ends nothing of the others. */
  standIn: boolean;
}

/**
 * Scripts that any REC.IO runs, for looking before our own checkout is there. A backend/main.py is not among them: many
 * other products have one.
 */
const usualScripts = [
  "trade_manager",
  "trade_executor",
  "active_trade_supervisor",
  "auto_entry_supervisor",
  "system_monitor",
  "strike_table_generator",
].map((name) => `backend/${name}.py`);

/** Python processes that run a script of REC.IO from another root than these. Pure. */
export function otherRecioProcesses(
  processes: readonly ProcessFacts[],
  scripts: readonly string[],
  roots: readonly string[],
): { pid: number; script: string; root: string }[] {
  return processes.flatMap(({ pid, args, folder }) => {
    if (!/python/i.test(args[0] ?? "")) return [];
    for (const arg of args.slice(1)) {
      // A script that was started by a relative name lies below the folder that the process works in.
      const path = isAbsolute(arg)
        ? normalize(arg)
        : folder === undefined || arg.startsWith("-")
          ? arg
          : resolve(folder, arg);
      const script = scripts.find((candidate) => path.endsWith(`/${candidate}`));
      if (script === undefined) continue;
      const root = path.slice(0, -script.length - 1);
      return roots.includes(root) ? [] : [{ pid, script, root }];
    }
    return [];
  });
}

/** What a stand-in for REC.IO's checkout has and REC.IO has not: its monitor ends no program, so it may run beside. */
const standInMark = "backend/standin/__init__.py";

/** Two on one machine kill each other's programs: system_monitor ends what runs outside its own root. */
export function judgeSecond({ others, standIn }: SecondFacts): Finding {
  if (others.length === 0) return { level: "ok", says: "No other REC.IO runs on this machine." };
  const list = others
    .slice(0, 4)
    .map(({ pid, script }) => `${script} (process ${pid})`)
    .join(", ");
  const more = others.length > 4 ? ` and ${others.length - 4} more` : "";
  const says = `Another REC.IO runs on this machine: ${list}${more}.`;
  const remedy = sentence("Stop it with its own supervisor first: the monitor of each kills programs of the other.");
  return { level: standIn ? "warn" : "fail", says, remedy };
}

/** A second installation is named with its processes and never touched. */
export const secondRecioProbes: readonly AnyProbe[] = [
  probe({
    id: "machine-second-recio",
    title: "No other REC.IO runs on this machine",
    group: "Machine",
    label: "machine",
    everyMs: 60_000,
    async collect(world: Pick<World, "machine" | "checkout">): Promise<SecondFacts> {
      const { root } = world.checkout;
      const real = (await world.machine.files.realPath(root)) ?? root;
      let scripts = usualScripts;
      try {
        const own = (await world.checkout.supervised()).map(({ script }) => script);
        scripts = [...new Set([...usualScripts, ...own.filter((script) => script !== "backend/main.py")])];
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
      }
      const found = otherRecioProcesses(await world.machine.processes(), scripts, [root, real]);
      const standIns = new Map<string, boolean>();
      for (const other of [root, ...found.map((one) => one.root)])
        if (!standIns.has(other))
          standIns.set(other, (await world.machine.files.facts(join(other, standInMark))) !== undefined);
      const others = found.flatMap((one) => (standIns.get(one.root) ? [] : [{ pid: one.pid, script: one.script }]));
      return { others, standIn: standIns.get(root) === true };
    },
    judge: judgeSecond,
  }),
];
