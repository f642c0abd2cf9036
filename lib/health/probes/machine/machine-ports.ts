import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { PortHolder } from "../../../machine/machine.ts";
import { isProblem, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

export interface PortFacts {
  /** Who wants it: a program of REC.IO, or "the database". */
  wantedBy: string;
  port: number;
  /** Somebody who holds it and is not ours. */
  stranger?: { program?: string; pid?: number };
}

/** Whose port can be chosen freely; those of the programs stand in the checkout's code. */
const theDatabase = "the database";

/** Are the ports free, or held by those who should hold them? */
export function judgePorts(ports: readonly PortFacts[]): Finding {
  const taken = ports.filter(({ stranger }) => stranger !== undefined);
  const list = ports.map(({ port }) => port).join(", ");
  if (taken.length === 0)
    return { level: "ok", says: ports.length === 0 ? "No port is needed." : `No stranger holds ${list}.` };
  const each = taken.map(({ port, wantedBy, stranger }) => {
    const who = stranger?.program
      ? `${stranger.program}${stranger.pid ? ` (process ${stranger.pid})` : ""}`
      : "a program of another user";
    return `port ${port} of ${wantedBy} is held by ${who}`;
  });
  const says = each.join("; ");
  const remedies = [
    ...(taken.some(({ wantedBy }) => wantedBy === theDatabase)
      ? ["End the program at the database's port, or choose another port for the database."]
      : []),
    ...(taken.some(({ wantedBy }) => wantedBy !== theDatabase)
      ? ["End what holds a port of REC.IO, or let it use another one: REC.IO's own ports are fixed in its code."]
      : []),
  ];
  return {
    level: "fail",
    says: `${says.charAt(0).toUpperCase()}${says.slice(1)}.`,
    remedy: sentence(remedies.join(" ")),
    objects: taken.map(({ port }) => String(port)),
  };
}

/** Processes of ours: what our supervisord runs, itself, and the embedded server. */
async function ourProcesses(world: Pick<World, "supervisor" | "postgres">): Promise<Set<number>> {
  const ours = new Set<number>();
  const daemon = await world.supervisor.daemon();
  if (daemon !== undefined) {
    ours.add(daemon);
    try {
      for (const { pid } of await world.supervisor.programs()) if (pid !== undefined) ours.add(pid);
    } catch (thrown) {
      // A supervisord that does not answer has a question of its own; its programs are then told apart by their path.
      if (!isProblem(thrown)) throw thrown;
    }
  }
  if (world.postgres.target.kind === "embedded") {
    const { pid } = await world.postgres.embedded.status();
    if (pid !== undefined) ours.add(pid);
  }
  return ours;
}

/** Holders of the wanted ports that are not ours. A program below the checkout counts as ours. Pure. */
export function strangers(
  wanted: readonly { wantedBy: string; port: number }[],
  listeners: readonly PortHolder[],
  isOurs: (pid: number) => boolean,
): PortFacts[] {
  return wanted.map(({ wantedBy, port }) => {
    const holder = listeners.find((one) => one.port === port && (one.pid === undefined || !isOurs(one.pid)));
    if (!holder) return { wantedBy, port };
    const { pid, program } = holder;
    return {
      wantedBy,
      port,
      stranger: { ...(pid === undefined ? {} : { pid }), ...(program === undefined ? {} : { program }) },
    };
  });
}

/** The ports of the supervised programs and of the embedded database. Asks nothing before the checkout is there. */
export const portProbes: readonly AnyProbe[] = [
  probe({
    id: "machine-ports",
    title: "The ports of REC.IO and of its database are held by nobody else",
    group: "Machine",
    label: "machine",
    // Once REC.IO runs, a stranger on one of its ports is what listeners-on-loopback sees within 10 s.
    everyMs: 120_000,
    async collect(world: Pick<World, "machine" | "checkout" | "supervisor" | "postgres">): Promise<PortFacts[]> {
      const programs = await world.checkout.supervised();
      const wanted = programs.flatMap(({ name, port }) => (port === undefined ? [] : [{ wantedBy: name, port }]));
      if (world.postgres.target.kind === "embedded")
        wanted.push({ wantedBy: theDatabase, port: world.postgres.target.port });
      const ours = await ourProcesses(world);
      const listeners = await world.machine.listeners();
      const holders = new Set(
        listeners.filter(({ port }) => wanted.some((one) => one.port === port)).map(({ pid }) => pid),
      );
      const unknown = [...holders].some((pid) => pid === undefined || !ours.has(pid));
      const real = (await world.machine.files.realPath(world.checkout.root)) ?? world.checkout.root;
      for (const { pid, args } of unknown ? await world.machine.processes() : []) {
        const below = [world.checkout.root, real].some((root) =>
          args.slice(1).some((arg) => arg.startsWith(`${root}/backend/`)),
        );
        if (holders.has(pid) && below) ours.add(pid);
      }
      return strangers(wanted, listeners, (pid) => ours.has(pid));
    },
    judge: judgePorts,
  }),
];
