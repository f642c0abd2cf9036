import { join } from "node:path";
import { z } from "zod";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { spokenEnvironment } from "../../../kalshi/ladder/outcomes.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import type { KalshiEnvironment, Settings } from "../../../settings.ts";
import { hookLiveFolder } from "../../../supervisor/program-environment.ts";
import type { World } from "../../../world.ts";
import type { AskedQuestion } from "../../report.ts";

/** The programs that speak for the account (recio-contract.md section 4). Their REST follows the account mode. */
const sync = "kalshi_account_sync";
const executor = "trade_executor";
/** Reads public prices, and has production's address alone in its source. */
const publicReader = "kalshi_market_watchdog";

/** For so many seconds after its start the sync may have asked nothing yet. */
const warmUpSeconds = 30;

/** The names that REC.IO has in its source, and those that Kalshi recommends in their place (kalshi.md section 1). */
const knownHosts: Readonly<Record<KalshiEnvironment, readonly string[]>> = {
  prod: ["api.elections.kalshi.com", "external-api.kalshi.com", "external-api-ws.kalshi.com"],
  demo: ["demo-api.kalshi.co", "external-api.demo.kalshi.co", "external-api-ws.demo.kalshi.co"],
};

export type HostsOf = Readonly<Record<KalshiEnvironment, readonly string[]>>;

/** The hosts of each environment: Kalshi's own, and where this world's exchange is asked. Pure. */
export function exchangeHostsOf(kalshi: Settings["kalshi"]): HostsOf {
  const of = (environment: KalshiEnvironment) => [
    ...new Set([
      ...knownHosts[environment],
      new URL(kalshi[environment].rest).host,
      new URL(kalshi[environment].websocket).host,
    ]),
  ];
  return { prod: of("prod"), demo: of("demo") };
}

/** What one running program asked: by the hook's names (`host` for a request, `wss://host` for a websocket), Unix seconds. */
export interface AskingProgram {
  name: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Undefined where the hook's word cannot be read. */
  asked: Readonly<Record<string, number>> | undefined;
}

export interface AskedFacts {
  environment: KalshiEnvironment;
  hosts: HostsOf;
  /** Those that run. */
  programs: readonly AskingProgram[];
  /** The programs that must speak for the account: what a person went without is none of them. */
  expected: readonly string[];
  /** Milliseconds since the epoch. */
  now: number;
}

interface Ask {
  host: string;
  websocket: boolean;
}

/** What a program asked in its present life: the file outlives the process that wrote it. */
function asksOf({ asked = {}, startedAt }: AskingProgram): Ask[] {
  return Object.entries(asked)
    .filter(([, at]) => at * 1000 >= startedAt)
    .map(([name]) => ({ host: name.replace(/^wss?:\/\//, ""), websocket: /^wss?:\/\//.test(name) }));
}

/** "api.elections.kalshi.com, a host of production" */
function named(host: string, hosts: HostsOf): string {
  const environment = (["prod", "demo"] as const).find((one) => hosts[one].includes(host));
  return environment
    ? `${host}, a host of ${spokenEnvironment(environment)}`
    : `${host}, a host of neither environment`;
}

/**
 * Which of the programs that speak for the account asked elsewhere than in the chosen environment. A setting says what
 * should be; this says what was. The websocket of kalshi_account_sync has production's address in its source, so that it
 * goes there is a fact of the checkout and no failure of this installation. Pure.
 */
export function judgeAskedHosts({ environment, hosts, programs, expected, now }: AskedFacts): Finding {
  const chosen = spokenEnvironment(environment);
  const speaking = programs.filter(({ name }) => expected.includes(name));
  const evidence = {
    asked: "the exchange's hosts that each program asked since its start",
    cameBack: [...speaking, ...programs.filter(({ name }) => name === publicReader)]
      .map((program) => {
        const asks = asksOf(program).map(({ host, websocket }) => (websocket ? `${host} (websocket)` : host));
        return `${program.name}: ${asks.join(", ") || "none"}`;
      })
      .join("\n"),
  };
  const isRight = ({ host }: Ask) => hosts[environment].includes(host);
  const wrong = speaking.flatMap((program) =>
    asksOf(program)
      .filter((ask) => !isRight(ask) && !(ask.websocket && program.name === sync && hosts.prod.includes(ask.host)))
      .map(({ host }) => ({ program: program.name, host })),
  );
  if (wrong.length > 0) {
    const names = [...new Set(wrong.map(({ program }) => program))];
    return {
      level: "fail",
      label: "checkout",
      says: `${wrong.map(({ program, host }) => `${program} asked ${named(host, hosts)}`).join("; ")}; chosen is ${chosen}.`,
      objects: names,
      evidence,
      remedy: repairedBy("install-hook", `Install the start-up hook, then restart ${names.join(" and ")}`),
    };
  }
  const unreadable = speaking.filter(({ asked }) => asked === undefined).map(({ name }) => name);
  if (unreadable.length > 0)
    return { level: "unknown", says: `What ${unreadable.join(" and ")} asked cannot be read.`, evidence };
  if (expected.includes(sync)) {
    const waiting = judgeSync(speaking, { now, chosen, isRight });
    if (waiting) return waiting.level === "unknown" ? waiting : { ...waiting, evidence };
  }
  const asking = speaking.filter((program) => asksOf(program).some((ask) => !ask.websocket));
  const quiet = speaking.filter((program) => !asking.includes(program)).map(({ name }) => `${name} asked nothing yet`);
  const right = asking.map((program) => {
    const asks = asksOf(program).filter(({ websocket }) => !websocket);
    return `${program.name} asked ${asks.map(({ host }) => host).join(" and ")} alone`;
  });
  return {
    level: "ok",
    says: `${[...right, ...quiet, ...elsewhere(programs, environment, hosts)].join("; ")}.`,
    evidence,
  };
}

/** Nothing where the sync asked its environment; else why that cannot be said. */
function judgeSync(
  speaking: readonly AskingProgram[],
  { now, chosen, isRight }: { now: number; chosen: string; isRight: (ask: Ask) => boolean },
): Finding | undefined {
  const program = speaking.find(({ name }) => name === sync);
  if (!program) return { level: "unknown", says: `${sync} does not run, so it asks nothing.` };
  if (asksOf(program).some((ask) => !ask.websocket && isRight(ask))) return undefined;
  const left = warmUpSeconds - (now - program.startedAt) / 1000;
  if (left > 0) {
    const secondsLeft = Math.ceil(left);
    return { level: "unknown", says: `Warming up, ${secondsLeft} s left.`, warmingUp: { secondsLeft } };
  }
  return {
    level: "fail",
    says: `${sync} has asked no host of ${chosen} since its start.`,
    objects: [sync],
    remedy: sentence(`Look at the log of ${sync}.`),
  };
}

/** What goes to production by the checkout's own source although demo was chosen, said so that nobody wonders. */
function elsewhere(programs: readonly AskingProgram[], environment: KalshiEnvironment, hosts: HostsOf): string[] {
  if (environment === "prod") return [];
  const production = (name: string, websocket: boolean) =>
    programs
      .filter((program) => program.name === name)
      .flatMap(asksOf)
      .some((ask) => ask.websocket === websocket && hosts.prod.includes(ask.host) && !hosts.demo.includes(ask.host));
  return [
    ...(production(sync, true) ? ["this checkout's websocket always asks production"] : []),
    ...(production(publicReader, false) ? [`${publicReader} asks production for public prices, as always`] : []),
  ];
}

const askedFile = z.record(z.string(), z.number());
const presence = z.object({ pid: z.number(), startedAt: z.number() });

/** The JSON of a file of the hook, or undefined where it is missing or not of this shape. */
function parsed<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  try {
    return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

type Needs = Pick<World, "settings" | "machine" | "paths" | "supervisor">;

/** @throws Problem where supervisord does not answer */
export async function collectAskedHosts(
  { settings, machine, paths, supervisor }: Needs,
  environment: KalshiEnvironment,
  expected: readonly string[],
): Promise<AskedFacts> {
  const looked = (await supervisor.programs()).filter(
    ({ name, state }) => [...expected, publicReader].includes(name) && (state === "RUNNING" || state === "STARTING"),
  );
  const programs = await Promise.all(
    looked.map(async ({ name, pid, startedAt = 0 }) => {
      const [asked, live] = await Promise.all([
        machine.files.read(join(paths.askedHosts, `${name}.json`)),
        machine.files.read(join(hookLiveFolder(paths), `${name}.json`)),
      ]);
      // supervisord counts whole seconds: the last words of an earlier process could pass for the first of this one.
      const word = parsed(live, presence);
      const exact = word && word.pid === pid ? Math.floor(word.startedAt * 1000) : startedAt;
      return {
        name,
        startedAt: Math.max(startedAt, exact),
        asked: asked === undefined ? {} : parsed(asked, askedFile),
      };
    }),
  );
  return { environment, hosts: exchangeHostsOf(settings.kalshi), programs, expected, now: Date.now() };
}

/** Nothing is asked without a key, or where a person went without both programs that speak for the account. */
export function askedHostsProbes(answers: Answers): AskedQuestion[] {
  const expected = [sync, executor].filter((name) => !answers.consent.goOnWithout.includes(name));
  if (answers.kalshi.kind === "none" || expected.length === 0) return [];
  const { environment } = answers.kalshi;
  const question = probe<keyof Needs, AskedFacts>({
    id: "exchange-hosts-asked",
    title: `REC.IO asks ${spokenEnvironment(environment)} for the account`,
    group: "Kalshi",
    label: "machine",
    everyMs: 10_000,
    collect: (world) => collectAskedHosts(world, environment, expected),
    judge: judgeAskedHosts,
  });
  return [{ question: question as AnyProbe, need: "installed" }];
}
