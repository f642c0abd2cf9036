import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { Lookup, Markets, Read, StrikeTable, Watchlist } from "../../live-data/sections.ts";
import { unreadable } from "../../live-data/unreadable.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import type { AskedQuestion } from "../../report.ts";
import { bucketsOf, strikeIsMatched } from "./strike-table-arithmetic.ts";
import { warmingUp } from "./warming-up.ts";

export interface StrikeTableFacts {
  table: Read<StrikeTable>;
  lookup: Read<Lookup>;
  markets: Read<Markets>;
  /** Newest BTC price, where there is one. */
  price: number | null;
  upForSeconds?: number;
  /** The person chose to install without the lookup data. */
  withoutData: boolean;
}

const tableName = "live_data.strike_table_btc";
const lookupName = "analytics.probability_lookup_btc";
/** The generator writes every second; a machine under load may need longer for 21 look-ups. */
const freshSeconds = 10;
const buildLookup = repairedBy("build-probability-lookup", "Build the lookup table.");
const newerCheckout = sentence("Use a REC.IO that reads the exchange's fields of today.");
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });

/** True where every probability is one of the two that the generator writes when it found none. */
export function allDefaults({ rows, defaults }: StrikeTable): boolean {
  return rows > 0 && defaults === rows;
}

/** Why there is nothing to compute from, where that is not this machine's fault: label and sentence. */
function notOurs({
  markets,
  price,
  table,
}: StrikeTableFacts): { label: "exchange" | "checkout"; says: string } | undefined {
  if ("unreadable" in markets || "unreadable" in table) return undefined;
  if (markets.facts.rows > 0 && markets.facts.withStrike === 0)
    return {
      label: "exchange",
      says: `The strike table stays empty: the exchange sends ${markets.facts.rows} markets without the text that this checkout takes the strike from.`,
    };
  if (table.facts.rows === 0 && markets.facts.withStrike > 1 && price !== null && !strikeIsMatched(Math.round(price)))
    return {
      label: "checkout",
      says: `The strike table stays empty: at ${dollars.format(price)} this checkout matches no strike. Its comparison works between $16,384 and $32,767 and between $65,536 and $131,071.`,
    };
  return undefined;
}

/** The machine's question: are the probabilities computed, now and from the lookup table? */
export function judgeStrikeTable(facts: StrikeTableFacts): Finding {
  const { table, lookup, upForSeconds: up } = facts;
  if ("unreadable" in table) return unreadable(table);
  const { rows, ageSeconds: age, distinctProbabilities: distinct, momentum } = table.facts;
  const evidence = {
    asked: tableName,
    cameBack: `${rows} rows${age === null ? "" : `, ${age.toFixed(1)} s old`}, ${distinct} different probabilities`,
  };
  const fail = (
    says: string,
    objects: readonly string[],
    remedy = sentence("Look at the log of strike_table_generator."),
  ): Finding => ({ level: "fail", says, objects, evidence, remedy });
  if (rows === 0 || age === null || age > freshSeconds) {
    const theirs = notOurs(facts);
    if (theirs) return { level: "warn", ...theirs, evidence, remedy: newerCheckout };
    const says = rows === 0 ? "The strike table is empty." : `The strike table is ${Math.round(age ?? 0)} s old.`;
    return warmingUp({ what: "The strike table is", up, needed: 20 }) ?? fail(says, [tableName]);
  }
  if (allDefaults(table.facts)) {
    const same = `All ${rows} probabilities are 50.00 or 99.90, which stand for "not found"`;
    if (facts.withoutData)
      return { level: "warn", says: `${same}: there is no lookup table, as you chose.`, evidence, remedy: buildLookup };
    if ("unreadable" in lookup || !lookup.facts.answers)
      return fail(
        `${same}: ${lookupName} ${"unreadable" in lookup ? "cannot be read" : "is empty"}.`,
        [lookupName],
        buildLookup,
      );
    if (momentum !== null && bucketsOf(momentum).every((bucket) => Math.abs(bucket) > 30))
      return {
        level: "warn",
        label: "checkout",
        says: `${same}: momentum is ${momentum.toFixed(3)} %, and this checkout knows probabilities from -0.30 % to 0.30 %.`,
        evidence,
        remedy: sentence("Wait for a quieter market."),
      };
    return fail(`${same}.`, [`${tableName}.probability`, lookupName], buildLookup);
  }
  return {
    level: "ok",
    says: `${rows} strikes, ${distinct} different probabilities, ${Math.max(0, Math.round(age))} s old.`,
    evidence,
  };
}

/** The question of trading: are there strikes with probabilities and with asks? */
export function judgeStrikeTableUsable(facts: StrikeTableFacts): Finding {
  const { table } = facts;
  if ("unreadable" in table) return unreadable(table);
  const { rows, withAsks } = table.facts;
  const evidence = { asked: `asks between 1 and 99 cents in ${tableName}`, cameBack: `${withAsks} of ${rows}` };
  const theirs = rows === 0 ? notOurs(facts) : undefined;
  if (theirs) return { level: "fail", ...theirs, evidence, remedy: newerCheckout };
  if (rows === 0)
    return {
      level: "fail",
      label: "machine",
      says: "The strike table is empty.",
      objects: [tableName],
      evidence,
      remedy: sentence("Look at the log of strike_table_generator."),
    };
  if (allDefaults(table.facts))
    return {
      level: "fail",
      label: "machine",
      says: `None of the ${rows} strikes has a probability of its own.`,
      objects: [`${tableName}.probability`],
      evidence,
      remedy: buildLookup,
    };
  if (withAsks === 0)
    return {
      level: "fail",
      says: `None of the ${rows} strikes has an ask: the exchange no longer sends the prices that this checkout reads.`,
      objects: [`${tableName}.yes_ask`, `${tableName}.no_ask`],
      evidence,
      remedy: newerCheckout,
    };
  return { level: "ok", says: `${withAsks} of ${rows} strikes have a probability and an ask.`, evidence };
}

/** An empty watchlist is a regular answer; one that cannot be read is not. */
export function judgeWatchlist(watchlist: Read<Watchlist>): Finding {
  if ("unreadable" in watchlist) return unreadable(watchlist);
  const { rows } = watchlist.facts;
  return {
    level: "ok",
    says: rows === 0 ? "Empty: no strike passes the filter now." : `${rows} strikes pass the filter now.`,
  };
}

export async function collectStrikeTable(
  world: Pick<World, "postgres" | "supervisor">,
  withoutData: boolean,
): Promise<StrikeTableFacts> {
  const [data, up] = await Promise.all([liveData(world), upForSeconds(world, "strike_table_generator")]);
  return {
    table: data.strikeTable,
    lookup: data.lookup,
    markets: data.markets,
    price: "facts" in data.pricesBtc ? data.pricesBtc.facts.price : null,
    withoutData,
    ...(up === undefined ? {} : { upForSeconds: up }),
  };
}

export function strikeTableProbes(answers: Answers): AskedQuestion[] {
  const withoutData = answers.data.kind === "none";
  const of = (id: string, title: string, label: "machine" | "exchange", judge: (facts: StrikeTableFacts) => Finding) =>
    probe<"postgres" | "supervisor", StrikeTableFacts>({
      id,
      title,
      group: "Data",
      label,
      everyMs: 5000,
      collect: (world) => collectStrikeTable(world, withoutData),
      judge,
    }) as AnyProbe;
  const watchlist = probe<"postgres", Read<Watchlist>>({
    id: "watchlist-readable",
    title: "The watchlist can be read",
    group: "Data",
    label: "machine",
    everyMs: 5000,
    collect: async (world) => (await liveData(world)).watchlist,
    judge: judgeWatchlist,
  });
  return [
    {
      question: of("strike-table-computed", "The strike table is computed", "machine", judgeStrikeTable),
      need: "installed",
    },
    {
      question: of("strike-table-usable", "The strike table can be traded from", "exchange", judgeStrikeTableUsable),
      need: "tradable",
    },
    { question: watchlist as AnyProbe, need: "installed" },
  ];
}
