import { setTimeout as delay } from "node:timers/promises";
import type { HealthReport } from "../../health/report.ts";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { type StatePaths, statePaths } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import { readServerRecord, runningOf } from "../../server/state/server-record.ts";
import { type ProbeCost, probeCosts } from "./probe-costs.ts";
import { costOf, descendantsOf, needsLinux, type ProcessCost } from "./process-cost.ts";

const mb = (bytes: number) => Math.round(bytes / 1e5) / 10;
const percent = (cpuMs: number, wallMs: number) => Math.round((cpuMs / wallMs) * 10_000) / 100;

/** What some processes cost over a time: CPU as per cent of one core, resident memory in MB at its highest. */
interface Share {
  processes: number;
  cpuPercent: number;
  rssMb: number;
}

export interface RestFigures {
  seconds: number;
  /** Until every question had its first answer, and a minute more: what is read once an hour is no part of rest. */
  settledAfterSeconds: number;
  /** The page said "installed" at the beginning and at the end. */
  installed: boolean;
  questions: number;
  ours: Share & { serverCpuPercent: number; childrenCpuPercent: number; serverRssMb: number; keeperRssMb: number };
  /** REC.IO beneath its supervisord, the programs that it starts again and again included; and its PostgreSQL. */
  recio: Share;
  ratios: { cpuOursToRecio: number; rssOursToRecio: number };
  promises: { cpuBelowOnePercent: boolean; rssBelow200Mb: boolean };
  /** The dearest questions first: each asked by itself, what it costs at its own interval. */
  dearest: ProbeCost[];
}

interface Sample {
  at: number;
  costs: Map<number, ProcessCost>;
}

async function sampleOf(machine: Machine, pids: readonly number[]): Promise<Sample> {
  const costs = await Promise.all(pids.map((pid) => costOf(machine, pid)));
  return { at: performance.now(), costs: new Map(costs.flatMap((cost) => (cost ? [[cost.pid, cost]] : []))) };
}

/** CPU between two samples. A child that came and went in between is in its parent's figure once it was waited for. */
function spent(before: Sample, after: Sample, part: "ownCpuMs" | "childrenCpuMs"): number {
  return [...after.costs.values()].reduce(
    (sum, cost) => sum + cost[part] - (before.costs.get(cost.pid)?.[part] ?? 0),
    0,
  );
}

function rssOf(sample: Sample): number {
  return [...sample.costs.values()].reduce((sum, cost) => sum + cost.rssBytes, 0);
}

async function healthAt(port: number): Promise<HealthReport> {
  return (await (await fetch(`http://127.0.0.1:${port}/api/health`)).json()) as HealthReport;
}

/** A page that was only just opened, or has only just installed, reads what it then keeps for an hour. */
const quietMs = 60_000;
const settlesWithinMs = 180_000;

/** Waits until nothing is done for the first time any more; milliseconds it took. */
async function settled(port: number): Promise<number> {
  const begun = performance.now();
  const waiting = async () => (await healthAt(port)).probes.some(({ checkedAt }) => checkedAt === 0);
  while ((await waiting()) && performance.now() - begun < settlesWithinMs) await delay(1_000);
  await delay(quietMs);
  return performance.now() - begun;
}

async function recioProcesses(machine: Machine, paths: StatePaths): Promise<number[]> {
  const roots = [paths.supervisorPid, `${paths.postgresData}/postmaster.pid`];
  const found: number[] = [];
  for (const file of roots) {
    const pid = Number(((await machine.files.read(file)) ?? "").split("\n")[0]);
    if (pid > 0) found.push(pid, ...(await descendantsOf(machine, pid)));
  }
  return found;
}

/**
 * Measures the server and its keeper while they watch the installation of a state folder, and REC.IO beside them.
 * @throws Problem `bench.nothing-to-watch` where no server runs there.
 */
export async function benchRest(state: string, seconds: number, say: (line: string) => void): Promise<RestFigures> {
  needsLinux();
  const machine = localMachine({ stateFolder: state });
  const paths = statePaths(state);
  const record = readServerRecord(paths.server);
  const [keeper, server] = runningOf(record);
  if (!record || !keeper || !server) {
    throw new Problem({
      code: "bench.nothing-to-watch",
      says: `No server and keeper run on ${state}.`,
      remedy: sentence("Install REC.IO and run npm start, or measure with npm run test:recio -- --rest."),
    });
  }
  const ours = [keeper.pid, server.pid];
  const recio = await recioProcesses(machine, paths);
  const settledAfterMs = await settled(record.port);
  const installedBefore = (await healthAt(record.port)).installed;
  const first = { ours: await sampleOf(machine, ours), recio: await sampleOf(machine, recio) };
  let [mostOurs, mostRecio] = [rssOf(first.ours), rssOf(first.recio)];
  let last = first;
  while (last.ours.at - first.ours.at < seconds * 1000) {
    await delay(Math.min(5_000, seconds * 1000));
    last = { ours: await sampleOf(machine, ours), recio: await sampleOf(machine, recio) };
    mostOurs = Math.max(mostOurs, rssOf(last.ours));
    mostRecio = Math.max(mostRecio, rssOf(last.recio));
  }
  const wallMs = last.ours.at - first.ours.at;
  const report = await healthAt(record.port);
  say(`watched for ${Math.round(wallMs / 1000)} s; now each question by itself`);
  const serverAlone = (sample: Sample) => ({
    ...sample,
    costs: new Map([...sample.costs].filter(([pid]) => pid === server.pid)),
  });
  const own = spent(first.ours, last.ours, "ownCpuMs");
  // The keeper's children are the server itself, and only once it has ended.
  const children = spent(serverAlone(first.ours), serverAlone(last.ours), "childrenCpuMs");
  const recioMs = spent(first.recio, last.recio, "ownCpuMs") + spent(first.recio, last.recio, "childrenCpuMs");
  const cpuPercent = percent(own + children, wallMs);
  const rssMb = mb(mostOurs);
  return {
    seconds: Math.round(wallMs / 1000),
    settledAfterSeconds: Math.round(settledAfterMs / 1000),
    installed: installedBefore && report.installed,
    questions: report.probes.length,
    ours: {
      processes: ours.length,
      cpuPercent,
      serverCpuPercent: percent(own, wallMs),
      childrenCpuPercent: percent(children, wallMs),
      rssMb,
      serverRssMb: mb(last.ours.costs.get(server.pid)?.rssBytes ?? 0),
      keeperRssMb: mb(last.ours.costs.get(keeper.pid)?.rssBytes ?? 0),
    },
    recio: { processes: recio.length, cpuPercent: percent(recioMs, wallMs), rssMb: mb(mostRecio) },
    ratios: {
      cpuOursToRecio: Math.round(((own + children) / Math.max(1, recioMs)) * 1000) / 1000,
      rssOursToRecio: Math.round((mostOurs / Math.max(1, mostRecio)) * 1000) / 1000,
    },
    promises: { cpuBelowOnePercent: cpuPercent < 1, rssBelow200Mb: rssMb < 200 },
    dearest: await probeCosts(machine, paths),
  };
}
