import { join } from "node:path";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { Account, Read } from "../../live-data/sections.ts";
import { unreadable } from "../../live-data/unreadable.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import type { AskedQuestion } from "../../report.ts";
import { stillFilling, warmingUp } from "./warming-up.ts";

export interface AccountFacts {
  account: Read<Account>;
  upForSeconds?: number;
}

const table = "users.account_balance_0001";

/** Has kalshi_account_sync stored a balance since it was started? It does so once, and again after a position changed. */
export function judgeBalanceStored({ account, upForSeconds: up }: AccountFacts): Finding {
  if ("unreadable" in account) return unreadable(account);
  const { balances, ageSeconds: age } = account.facts;
  const evidence = {
    asked: `the newest row of ${table}`,
    cameBack:
      age === null
        ? `${balances} rows`
        : `${Math.round(age)} s old; the program has been up for ${up === undefined ? "an unknown time" : `${Math.round(up)} s`}`,
  };
  const look = sentence("Look at the log of kalshi_account_sync.");
  if (up === undefined) return { level: "fail", says: "kalshi_account_sync does not run.", evidence, remedy: look };
  // Five seconds between two clocks: this machine's for the start, the row's own for the balance.
  if (age !== null && age <= up + 5)
    return {
      level: "ok",
      says: `A balance was stored ${Math.max(0, Math.round(age))} s ago, since the program's start.`,
      evidence,
    };
  // A balance of its last life says that it works; that it works again is shown by the next one.
  const warms = { what: "The account’s balance is", up, needed: 30 };
  return (
    (age !== null && age < 86_400 ? stillFilling(warms, evidence) : warmingUp(warms)) ?? {
      level: "fail",
      says: "kalshi_account_sync has stored no balance since it was started.",
      objects: [table],
      evidence,
      remedy: look,
    }
  );
}

/** Rows whose numbers are empty: the exchange sends them under names that this checkout does not know. */
export function judgeAccountRows({ account }: Pick<AccountFacts, "account">): Finding {
  if ("unreadable" in account) return unreadable(account);
  const { positions, positionsWithoutNumbers, fills, fillsWithoutNumbers } = account.facts;
  const evidence = {
    asked: "rows without numbers in users.positions_0001 and users.fills_0001",
    cameBack: `${positionsWithoutNumbers} of ${positions}, ${fillsWithoutNumbers} of ${fills}`,
  };
  if (positionsWithoutNumbers + fillsWithoutNumbers === 0)
    return {
      level: "ok",
      says:
        positions + fills === 0
          ? "There are no positions and no fills yet."
          : `${positions} positions and ${fills} fills have their numbers.`,
      evidence,
    };
  return {
    level: "fail",
    says: `${positionsWithoutNumbers} of ${positions} positions and ${fillsWithoutNumbers} of ${fills} fills are stored without numbers, so REC.IO never sees a trade as filled: the exchange sends fields that this checkout does not read.`,
    objects: ["users.positions_0001.position", "users.fills_0001.count"],
    evidence,
    remedy: sentence("Use a REC.IO that reads the exchange's fields of today."),
  };
}

export interface UpdatesFacts {
  environment: "demo" | "prod";
  /** The end of the program's log, or undefined where there is none. */
  log?: string;
}

/** Lines by which the program tells how its websocket stands (kalshi_account_sync_ws.py at 26c9406). */
const told: readonly { line: RegExp; means: "live" | "refused" | "unfit" | "untold" }[] = [
  // What stands above this was told by an earlier process.
  { line: /Supervisor Starting/, means: "untold" },
  { line: /Subscribed to market positions|Subscription confirmed|MARKET POSITION UPDATE RECEIVED/, means: "live" },
  { line: /additional_headers|extra_headers/, means: "unfit" },
  {
    line: /Failed to connect|Failed to subscribe|subscription failed|WebSocket error|connection closed/i,
    means: "refused",
  },
];

/** How the websocket stood when the log last told of it. Pure. */
export function websocketState(log: string): "live" | "refused" | "unfit" | "untold" {
  for (const line of log.split("\n").reverse()) {
    const found = told.find((one) => one.line.test(line));
    if (found) return found.means;
  }
  return "untold";
}

/** The end of a log that tells of the websocket. The last few kilobytes nearly always do, and cost a hundredth. */
async function tellingEnd(machine: World["machine"], path: string): Promise<string | undefined> {
  const end = await machine.files.tail(path, 16 * 1024);
  return end === undefined || websocketState(end) !== "untold" ? end : machine.files.tail(path, 1024 * 1024);
}

/** REC.IO learns of a filled order through its websocket alone. */
export function judgeAccountUpdates({ environment, log }: UpdatesFacts): Finding {
  const state = log === undefined ? "untold" : websocketState(log);
  const evidence = { asked: "the log of kalshi_account_sync", cameBack: `websocket ${state}` };
  const look = sentence("Look at the log of kalshi_account_sync.");
  if (state === "live") return { level: "ok", says: "Its websocket is subscribed to changes of positions.", evidence };
  if (state === "untold")
    return { level: "unknown", says: "The log of kalshi_account_sync does not tell of its websocket." };
  if (state === "unfit")
    return {
      level: "fail",
      label: "machine",
      says: "The websockets package of this Python does not know an option that kalshi_account_sync uses, so it never subscribes.",
      evidence,
      remedy: look,
    };
  if (environment === "demo")
    return {
      level: "fail",
      label: "checkout",
      says: "With a demo key there are no changes of positions: this checkout's websocket always asks the production exchange, which does not know the key.",
      evidence,
      remedy: sentence("Use a REC.IO whose websocket follows the account mode."),
    };
  return {
    level: "fail",
    says: "The exchange refuses the websocket of kalshi_account_sync, so filled orders are not seen.",
    evidence,
    remedy: look,
  };
}

export async function collectAccount(world: Pick<World, "postgres" | "supervisor">): Promise<AccountFacts> {
  const [data, up] = await Promise.all([liveData(world), upForSeconds(world, "kalshi_account_sync")]);
  return { account: data.account, ...(up === undefined ? {} : { upForSeconds: up }) };
}

/** Nothing of this is asked without a key or without the program: its proof says so as a lasting warn. */
export function accountProbes(answers: Answers): AskedQuestion[] {
  if (answers.kalshi.kind === "none" || answers.consent.goOnWithout.includes("kalshi_account_sync")) return [];
  const { environment } = answers.kalshi;
  const stored = probe<"postgres" | "supervisor", AccountFacts>({
    id: "account-balance-stored",
    title: "The account's balance is stored",
    group: "Kalshi",
    label: "machine",
    everyMs: 15_000,
    collect: collectAccount,
    judge: judgeBalanceStored,
  });
  const rows = probe<"postgres" | "supervisor", AccountFacts>({
    id: "account-rows-have-numbers",
    title: "Positions and fills have their numbers",
    group: "Kalshi",
    label: "exchange",
    everyMs: 15_000,
    collect: collectAccount,
    judge: judgeAccountRows,
  });
  const updates = probe<"machine" | "paths", UpdatesFacts>({
    id: "account-updates-arrive",
    title: "Changes of positions arrive",
    group: "Kalshi",
    label: "exchange",
    everyMs: 15_000,
    collect: async ({ machine, paths }) => {
      const log = await tellingEnd(machine, join(paths.programLogs, "kalshi_account_sync.out.log"));
      return { environment, ...(log === undefined ? {} : { log }) };
    },
    judge: judgeAccountUpdates,
  });
  return [
    { question: stored as AnyProbe, need: "installed" },
    { question: rows as AnyProbe, need: "tradable" },
    { question: updates as AnyProbe, need: "tradable" },
  ];
}
