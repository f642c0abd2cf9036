import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { repairedBy, sentence } from "../../../problem.ts";

interface Port {
  program: string;
  port: number;
  running: boolean;
  pid?: number;
  holders: { address: string; pid?: number; program?: string }[];
}

interface Facts {
  ports: Port[];
  /** Listeners of our programs on ports that the manifest does not give them. */
  further: { program: string; port: number; address: string }[];
}

/** 127.0.0.0/8 and ::1. Pure. */
export function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === "::1" || address === "localhost";
}

const startThem = repairedBy("start-services", "Start REC.IO's services");
const installAgain = repairedBy("install-hook", "Install the start-up hook");

/** Every program listens where it should, on loopback, and by its own process. */
const listeners = probe({
  id: "listeners-on-loopback",
  title: "REC.IO listens on this machine only",
  group: "Safety",
  label: "machine",
  everyMs: 12_000,
  async collect({ machine, checkout, supervisor }): Promise<Facts> {
    const [all, wanted, states] = await Promise.all([
      machine.listeners(),
      checkout.supervised(),
      supervisor.programs().catch(() => []),
    ]);
    const known = new Set(wanted.flatMap(({ port }) => (port === undefined ? [] : [port])));
    const ports = wanted.flatMap(({ name, port }): Port[] => {
      if (port === undefined) return [];
      const state = states.find((one) => one.name === name);
      return [
        {
          program: name,
          port,
          running: state?.state === "RUNNING",
          ...(state?.pid === undefined ? {} : { pid: state.pid }),
          holders: all.filter((holder) => holder.port === port),
        },
      ];
    });
    const further = all.flatMap(({ pid, port, address }) => {
      const own = states.find((one) => one.pid !== undefined && one.pid === pid);
      return own && !known.has(port) ? [{ program: own.name, port, address }] : [];
    });
    return { ports, further };
  },
  judge({ ports, further }): Finding {
    const open = [
      ...ports.flatMap(({ program, port, holders, running }) =>
        running
          ? holders.filter(({ address }) => !isLoopback(address)).map(({ address }) => ({ program, port, address }))
          : [],
      ),
      ...further.filter(({ address }) => !isLoopback(address)),
    ];
    if (open.length > 0) {
      const places = open.map(({ program, port, address }) => `${program} on ${address}:${port}`);
      return {
        level: "fail",
        says: `Other machines can reach ${places.join(", ")}.`,
        remedy: installAgain,
        objects: open.map(({ program }) => program),
      };
    }
    const foreign = ports.find(
      ({ pid, holders }) =>
        holders.length > 0 && holders.every((holder) => holder.pid !== undefined && holder.pid !== pid),
    );
    if (foreign) {
      const [holder] = foreign.holders;
      return {
        level: "fail",
        says: `Port ${foreign.port} of ${foreign.program} is held by ${holder?.program ?? "another program"} (process ${holder?.pid}).`,
        remedy: sentence(`Stop ${holder?.program ?? "that program"} and start REC.IO again.`),
        objects: [foreign.program],
      };
    }
    const silent = ports.filter(({ running, holders }) => running && holders.length === 0);
    if (silent.length > 0) {
      return {
        level: "fail",
        says: `${silent.map(({ program, port }) => `${program} does not listen on ${port}`).join("; ")}.`,
        remedy: sentence(`Read the log of ${silent.map(({ program }) => program).join(", ")}, then restart it.`),
        objects: silent.map(({ program }) => program),
      };
    }
    const listening = ports.filter(({ holders }) => holders.length > 0);
    if (listening.length === 0) return { level: "fail", says: "No program of REC.IO listens.", remedy: startThem };
    const bound = listening.length === 1 ? "is" : "are";
    return { level: "ok", says: `${listening.map(({ port }) => port).join(", ")} ${bound} bound to loopback.` };
  },
});

/** Where REC.IO's programs can be reached. */
export function listenerProbes(): [AnyProbe] {
  return [listeners];
}
