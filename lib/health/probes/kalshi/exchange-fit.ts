import { shimsInUse } from "../../../checkout/hook/hook-files.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { type FoundInCode, fieldsRead, orderRoutes } from "../../../kalshi/found-in-code.ts";
import { retiredMarketFields, retiredOrderRoutes } from "../../../kalshi/retirements.ts";
import { isProblem, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import type { AskedQuestion } from "../../report.ts";

const newerCheckout = sentence("Use a REC.IO that speaks the exchange's API of today.");

/** A market as the exchange sends it now: the names of its fields, or why it could not be had. */
export type MarketShape = { asked: string; fields: readonly string[] } | { asked: string; notHad: string };

export interface FieldsFacts {
  /** Fields that the checkout reads from a market, with file and line. */
  read: readonly FoundInCode[];
  market: MarketShape;
  /** The hook shows REC.IO today's fields under the names that it reads. */
  translated?: boolean;
}

/** The field of today that the hook translates into this one. */
function todaysName(name: string, fields: readonly string[]): string | undefined {
  const names = name === "subtitle" ? ["yes_sub_title", "floor_strike"] : [`${name}_dollars`, `${name}_fp`];
  return names.find((one) => fields.includes(one));
}

function named(found: readonly FoundInCode[]): string {
  return found.map(({ name, file, line }) => `${name} (${file}:${line})`).join(", ");
}

/** Does the exchange still send what kalshi_market_watchdog reads? It takes 0 for what is missing and says "Saved". */
export function judgeFields({ read, market, translated = false }: FieldsFacts): Finding {
  if (read.length === 0)
    return { level: "unknown", says: "This checkout reads a market's fields in a way that is not known here." };
  if ("notHad" in market) return { level: "unknown", says: `No market could be looked at: ${market.notHad}` };
  const evidence = {
    asked: market.asked,
    cameBack: [...market.fields].sort().join(", "),
    means: `read: ${named(read)}`,
  };
  const missing = read.filter(({ name }) => !market.fields.includes(name));
  if (missing.length === 0)
    return {
      level: "ok",
      says: `The exchange sends all ${read.length} fields that this checkout reads from a market.`,
      evidence,
    };
  const says = `The exchange no longer sends ${missing.length} of ${read.length} fields that this checkout reads from a market: ${missing.map(({ name }) => name).join(", ")}`;
  if (translated && missing.every(({ name }) => todaysName(name, market.fields) !== undefined))
    return {
      level: "warn",
      says: `${says}. The hook shows them to REC.IO under these names, for reading only, as you chose.`,
      evidence,
      objects: missing.map(({ file, line }) => `${file}:${line}`),
      remedy: newerCheckout,
    };
  return {
    level: "fail",
    says: `${says}.`,
    evidence,
    objects: missing.map(({ file, line }) => `${file}:${line}`),
    remedy: newerCheckout,
  };
}

export interface OrderRouteFacts {
  routes: readonly FoundInCode[];
  market: MarketShape;
}

/**
 * Can this checkout place an order today? That cannot be asked, for we send nothing but GET: it is judged from a dated
 * fact. Where the exchange that answers still sends the fields that went before, it is older than that fact.
 */
export function judgeOrderRoute({ routes, market }: OrderRouteFacts): Finding {
  const route = routes[0];
  if (!route) return { level: "unknown", says: "The place where this checkout sends its orders was not found." };
  const where = `${route.file}:${route.line}`;
  const retired = retiredOrderRoutes.find((one) => one.path === route.name);
  if (!retired)
    return {
      level: "warn",
      says: `Orders go to POST ${route.name} (${where}); whether the exchange takes them there was not asked.`,
      remedy: sentence("Read Kalshi's documentation of this route before you release new orders."),
    };
  const evidence = {
    asked: `the route of orders in ${where}; nothing was sent to it`,
    cameBack: `POST ${route.name}`,
    means: `${retired.status} ${retired.code} since ${retired.since}, known from ${retired.source}; today it is ${retired.instead}`,
  };
  if ("fields" in market && retiredMarketFields.fields.some((name) => market.fields.includes(name)))
    return {
      level: "warn",
      says: `Orders go to POST ${route.name} (${where}), which Kalshi retired on ${retired.since}. The exchange that answers here still sends the prices of before; whether it takes orders was not asked.`,
      evidence,
      remedy: sentence("Read Kalshi's documentation of this route before you release new orders."),
    };
  return {
    level: "fail",
    says: `Orders go to POST ${route.name} (${where}), which the exchange retired on ${retired.since} and answers with ${retired.status}.`,
    evidence,
    objects: [where],
    remedy: newerCheckout,
  };
}

/** "none": no key is installed. Otherwise node:crypto's name of the key's type, or why it cannot be used. */
export type KeyFacts = { type: string } | { notUsable: string } | "none";

/** REC.IO signs with RSA-PSS and nothing else, whatever the exchange accepts. */
export function judgeKeyType(key: KeyFacts): Finding {
  if (key === "none")
    return {
      level: "fail",
      label: "machine",
      says: "No Kalshi key is installed, so there is no account to trade with.",
      remedy: sentence("Install a Kalshi key of the type RSA."),
    };
  if ("notUsable" in key)
    return { level: "fail", label: "machine", says: key.notUsable, remedy: sentence("Install the key again.") };
  if (key.type === "rsa") return { level: "ok", says: "The key is RSA, which REC.IO signs with." };
  return {
    level: "fail",
    says: `The key is ${key.type === "ed25519" ? "Ed25519" : key.type}, and REC.IO signs with RSA only.`,
    remedy: sentence("Create a key of the type RSA at Kalshi and install it."),
  };
}

/** Programs without which no trade can be found, sent, seen as filled or closed. */
const neededForTrading = [
  "symbol_price_watchdog_btc",
  "kalshi_market_watchdog",
  "strike_table_generator",
  "kalshi_account_sync",
  "trade_executor",
  "trade_manager",
  "active_trade_supervisor",
  "auto_entry_supervisor",
  "main_app",
];

/** What the person agreed to go without does not spoil the installation; it may well spoil trading. */
export function judgePrograms(without: readonly string[]): Finding {
  const missed = without.filter((name) => neededForTrading.includes(name));
  if (missed.length === 0)
    return { level: "ok", says: "Every program that trading needs is part of the installation." };
  return {
    level: "fail",
    says: `Trading needs ${missed.join(" and ")}, and you went on without ${missed.length === 1 ? "it" : "them"}.`,
    remedy: sentence("Choose a checkout that has the script."),
  };
}

/** The names of the fields of one market: of the event that the watchdog polls, else of any open one. */
async function marketShape(world: Pick<World, "kalshi">, signal: AbortSignal): Promise<MarketShape> {
  const path = "/markets?series_ticker=KXBTCD&status=open&limit=1";
  const asked = `GET ${path}`;
  try {
    const answer = await world.kalshi.get("prod", path, signal);
    const markets = (answer.body as { markets?: unknown } | null)?.markets;
    const market: unknown = Array.isArray(markets) ? markets[0] : undefined;
    if (answer.status !== 200) return { asked, notHad: `Kalshi answers ${answer.status}.` };
    if (typeof market !== "object" || market === null)
      return { asked, notHad: "Kalshi lists no open market of KXBTCD." };
    return { asked, fields: Object.keys(market) };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { asked, notHad: thrown.says };
  }
}

async function source(
  world: Pick<World, "machine" | "checkout">,
  program: string,
): Promise<{ file: string; text: string } | undefined> {
  const { programs } = await world.checkout.programs();
  const script = programs.find((one) => one.name === program)?.script;
  const text = script ? await world.machine.files.read(world.checkout.at(script)) : undefined;
  return script && text !== undefined ? { file: script, text } : undefined;
}

/** What the checkout expects of the exchange against what the exchange does. Asked every 5 minutes: it changes by release. */
export function exchangeFitProbes(answers: Answers): AskedQuestion[] {
  const common = { group: "Kalshi", label: "exchange", everyMs: 300_000 } as const;
  const marketFields = probe<"kalshi" | "machine" | "checkout" | "paths", FieldsFacts>({
    ...common,
    id: "exchange-market-fields",
    title: "The exchange sends what REC.IO reads",
    timeoutMs: 30_000,
    collect: async (world, signal) => {
      const code = await source(world, "kalshi_market_watchdog");
      return {
        read: code ? fieldsRead(code.text, code.file, "market") : [],
        market: await marketShape(world, signal),
        translated: (await shimsInUse(world.machine, world.paths)).includes("kalshi-today"),
      };
    },
    judge: judgeFields,
  });
  const orderRoute = probe<"kalshi" | "machine" | "checkout", OrderRouteFacts>({
    ...common,
    id: "exchange-order-route",
    title: "The exchange takes REC.IO's orders",
    timeoutMs: 30_000,
    collect: async (world, signal) => {
      const code = await source(world, "trade_executor");
      return { routes: code ? orderRoutes(code.text, code.file) : [], market: await marketShape(world, signal) };
    },
    judge: judgeOrderRoute,
  });
  const keyType = probe<"kalshi", KeyFacts>({
    ...common,
    id: "kalshi-key-type",
    title: "REC.IO can sign with the Kalshi key",
    label: "checkout",
    everyMs: 60_000,
    collect: async (world) => {
      try {
        const key = await world.kalshi.installedKey();
        return key ? { type: key.privateKey.asymmetricKeyType ?? "of an unknown type" } : "none";
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        return { notUsable: thrown.says };
      }
    },
    judge: judgeKeyType,
  });
  const programs = probe<never, readonly string[]>({
    ...common,
    id: "trading-programs-installed",
    title: "Nothing that trading needs is left out",
    group: "Services",
    label: "checkout",
    collect: async () => answers.consent.goOnWithout,
    judge: judgePrograms,
  });
  return [marketFields, orderRoute, keyType, programs].map((question) => ({
    question: question as AnyProbe,
    need: "tradable" as const,
  }));
}
