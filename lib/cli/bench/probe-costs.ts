import { ask } from "../../engine/ask.ts";
import { answers as answersSchema } from "../../install/answers.ts";
import { questionsFor } from "../../install/plan.ts";
import { worldFor } from "../../install/real-world.ts";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { readSettings } from "../../settings.ts";
import { costOf } from "./process-cost.ts";

/** What asking one question costs: CPU of this process and its children, and its share of a core at its interval. */
export interface ProbeCost {
  id: string;
  everyMs: number;
  cpuMs: number;
  /** The first time: what a question that keeps its answer pays again when something has changed, and once an hour. */
  firstCpuMs: number;
  tookMs: number;
  percentOfCore: number;
}

/** The first time fills caches that a server has filled long ago; the rest is what it pays for ever. */
const warmUps = 2;
/** The clock of /proc ticks every 10 ms, so a cheap question is asked often enough to be seen. */
const leastCpuMs = 40;
const mostTimes = 40;
const shown = 15;

const hundredth = (value: number) => Math.round(value * 100) / 100;

/** Asks every question of an installation by itself, again and again; proofs are left out, they do something. */
export async function probeCosts(machine: Machine, paths: StatePaths): Promise<ProbeCost[]> {
  const text = await machine.files.read(paths.installation);
  if (text === undefined) return [];
  const answers = answersSchema.parse(JSON.parse(text));
  const world = worldFor({ kind: "real", settings: readSettings(), paths, machine, answers, held: {} });
  const signal = new AbortController().signal;
  const childrenMs = async () => (await costOf(machine, process.pid))?.childrenCpuMs ?? 0;
  const costs: ProbeCost[] = [];
  for (const { question } of questionsFor(answers, {})) {
    if (question.kind === "proof") continue;
    let own = process.cpuUsage();
    let children = await childrenMs();
    const spentMs = async () => {
      const { user, system } = process.cpuUsage(own);
      return (user + system) / 1000 + (await childrenMs()) - children;
    };
    await ask(question, world, signal);
    const firstCpuMs = await spentMs();
    for (let time = 1; time < warmUps; time++) await ask(question, world, signal);
    const started = performance.now();
    own = process.cpuUsage();
    children = await childrenMs();
    let times = 0;
    let cpuMs = 0;
    while (times < mostTimes && cpuMs < leastCpuMs) {
      await ask(question, world, signal);
      times += 1;
      cpuMs = await spentMs();
    }
    costs.push({
      id: question.id,
      everyMs: question.everyMs,
      cpuMs: hundredth(cpuMs / times),
      firstCpuMs: hundredth(firstCpuMs),
      tookMs: hundredth((performance.now() - started) / times),
      percentOfCore: hundredth((cpuMs / times / question.everyMs) * 100),
    });
  }
  await world.postgres.close();
  return costs.sort((one, other) => other.percentOfCore - one.percentOfCore).slice(0, shown);
}
