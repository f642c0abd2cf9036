import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { firstMarket } from "../../../kalshi/exchange-facts.ts";
import type { FeedAnswer, Kalshi, KalshiAnswer } from "../../../kalshi/kalshi.ts";
import { aheadMs, clockFailsAtMs, clockWarnsAtMs, clockWords } from "../../../kalshi/ladder/clock.ts";
import { exchangeFound, exchangeMood, feedFound, inShort } from "../../../kalshi/ladder/looks.ts";
import { isProblem, type ProblemFacts, problemFacts, sentence } from "../../../problem.ts";
import type { KalshiEnvironment } from "../../../settings.ts";
import type { World } from "../../../world.ts";
import type { AskedQuestion } from "../../report.ts";
import { sharedReading } from "../../watching/shared-reading.ts";
import { keyFunds } from "./kalshi-funds.ts";
import { installedKeyAccepted, keyAcceptedBefore, keyRights, withoutKey } from "./kalshi-key.ts";

type Needs = Pick<World, "kalshi">;

/** An answer with the moment at which it came, or why none came. */
export type StatusFacts = { answer: KalshiAnswer; receivedAt: number } | { notReached: ProblemFacts };

const asked = "GET /exchange/status";
const shared = { group: "Kalshi", everyMs: 30_000, timeoutMs: 8_000 } as const;
const networkTime = sentence("Turn on the machine's network time: timedatectl set-ntp true.");
const lookAgain = sentence("Check the connection to the internet, then look again.");

async function askStatus(kalshi: Kalshi, environment: KalshiEnvironment): Promise<StatusFacts> {
  try {
    const answer = await kalshi.get(environment, "/exchange/status");
    return { answer, receivedAt: Date.now() };
  } catch (thrown) {
    if (isProblem(thrown)) return { notReached: problemFacts(thrown) };
    throw thrown;
  }
}

/** The exchange is asked once a beat, whichever questions its answer serves. */
const statuses = {
  demo: sharedReading((kalshi: Kalshi) => askStatus(kalshi, "demo")),
  prod: sharedReading((kalshi: Kalshi) => askStatus(kalshi, "prod")),
};

const statusOf = ({ kalshi }: Needs, environment: KalshiEnvironment) => statuses[environment](kalshi);

/** Any HTTP answer means reachable; what it says is another question. */
export function judgeReachable(hosts: readonly { host: string; facts: StatusFacts }[]): Finding {
  for (const { facts } of hosts) {
    if (!("notReached" in facts)) continue;
    const { says, remedy = lookAgain, evidence } = facts.notReached;
    return { level: "fail", says, remedy, ...(evidence ? { evidence } : {}) };
  }
  const slowest = Math.max(...hosts.map(({ facts }) => ("answer" in facts ? facts.answer.tookMs : 0)));
  return { level: "ok", says: `${hosts.map(({ host }) => host).join(" and ")} answer in ${Math.round(slowest)} ms.` };
}

export function judgeClock(facts: StatusFacts): Finding {
  if ("notReached" in facts) return { level: "unknown", says: "The clock is not compared: Kalshi is not reachable." };
  const ahead = aheadMs(facts.answer, facts.receivedAt);
  if (ahead === undefined)
    return { level: "unknown", says: "Kalshi's answer told no time; the clock is not compared." };
  const says = `This machine's clock is ${clockWords(ahead)}.`;
  const evidence = { asked: `${asked}, its Date`, cameBack: `${ahead} ms ahead` };
  if (Math.abs(ahead) > clockFailsAtMs) {
    return {
      level: "fail",
      says: `${says} Kalshi refuses requests that are signed at a wrong time.`,
      evidence,
      remedy: networkTime,
    };
  }
  return Math.abs(ahead) > clockWarnsAtMs
    ? { level: "warn", says, evidence, remedy: networkTime }
    : { level: "ok", says, evidence };
}

/** Paused is not down: a pause is the exchange's usual Thursday, and keys are accepted during it. */
export function judgeExchange(facts: StatusFacts): Finding {
  if ("notReached" in facts)
    return { level: "unknown", says: "Whether the exchange is open is not known: it is not reachable." };
  const {
    says,
    level,
    evidence,
    remedy = lookAgain,
  } = exchangeFound(exchangeMood(facts.answer), facts.answer, facts.receivedAt);
  const common = { says, ...(evidence ? { evidence } : {}) };
  if (level === "fail" || level === "warn") return { ...common, level, remedy };
  return { ...common, level: level === "ok" ? "ok" : "unknown" };
}

/** The market watchdog asks prod whatever the account's mode is, so prod must be reachable too. */
const reachable = probe({
  ...shared,
  id: "kalshi-reachable",
  title: "Kalshi can be reached",
  label: "machine",
  async collect(world: Needs) {
    const environments = [...new Set([world.kalshi.environment, "prod" as const])];
    return Promise.all(
      environments.map(async (environment) => ({
        host: new URL(world.kalshi.base(environment)).host,
        facts: await statusOf(world, environment),
      })),
    );
  },
  judge: judgeReachable,
}) as AnyProbe;

const clock = probe({
  ...shared,
  id: "kalshi-clock",
  title: "The clock agrees with Kalshi's",
  label: "machine",
  collect: (world: Needs) => statusOf(world, world.kalshi.environment),
  judge: judgeClock,
}) as AnyProbe;

const exchange = probe({
  ...shared,
  id: "kalshi-exchange",
  title: "The exchange is open",
  label: "exchange",
  collect: (world: Needs) => statusOf(world, world.kalshi.environment),
  judge: judgeExchange,
}) as AnyProbe;

type FeedFacts = { feed: FeedAnswer } | { notTried: string };

/** The live feed, asked with our own connection. Dear: it opens a websocket. */
const feed = probe({
  group: "Kalshi",
  everyMs: 600_000,
  timeoutMs: 12_000,
  id: "kalshi-feed",
  title: "The live feed gives an order book",
  label: "exchange",
  async collect({ kalshi }: Needs, signal): Promise<FeedFacts> {
    try {
      const key = await kalshi.installedKey();
      if (!key) return { notTried: "there is no key" };
      const markets = await kalshi.get(key.environment, "/markets?series_ticker=KXBTCD&status=open&limit=1", signal);
      const ticker = firstMarket(markets.body)?.ticker;
      if (typeof ticker !== "string") return { notTried: `no Bitcoin market is open (${inShort(markets)})` };
      return { feed: await kalshi.feed(key, ticker, signal) };
    } catch (thrown) {
      if (isProblem(thrown)) return { notTried: thrown.says };
      throw thrown;
    }
  },
  judge(facts: FeedFacts): Finding {
    if ("notTried" in facts) return { level: "unknown", says: `The live feed is not tried: ${facts.notTried}` };
    const { says, level, remedy = lookAgain } = feedFound(facts.feed);
    return level === "ok" ? { level, says } : { level: "warn", says, remedy };
  },
}) as AnyProbe;

/** What must hold before anything is changed: a key is accepted, or the person chose to have none. */
export function kalshiGateProbes(answers: Answers): AnyProbe[] {
  return answers.kalshi.kind === "key" ? [reachable, clock, keyAcceptedBefore] : [withoutKey];
}

/** What is asked for ever after: cheap questions every half minute, dear ones every ten. */
export function kalshiHealthProbes(answers: Answers): AskedQuestion[] {
  const always: AskedQuestion[] = [
    { question: reachable, need: "installed" },
    { question: clock, need: "installed" },
    { question: exchange, need: "tradable" },
  ];
  if (answers.kalshi.kind === "none") return [...always, { question: withoutKey, need: "no" }];
  return [
    ...always,
    { question: installedKeyAccepted, need: "installed" },
    { question: keyRights, need: "tradable" },
    { question: keyFunds, need: "no" },
    { question: feed, need: "no" },
  ];
}
