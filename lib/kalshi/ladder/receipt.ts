import type { Level } from "../../engine/probe.ts";
import type { Label } from "../../problem.ts";
import type { KalshiEnvironment } from "../../settings.ts";
import { missingFields, orderEndpoint, spokenDate } from "../exchange-facts.ts";
import type { UsedByCheckout } from "../kalshi.ts";
import { retiredMarketFields } from "../retirements.ts";
import { cryptoFunds } from "./looks.ts";

/** One line of what REC.IO can really do with a key today. */
export interface ReceiptLine {
  id: "sign" | "account" | "market-data" | "trading-right" | "move-money" | "funds" | "orders" | "account-feed";
  level: Level;
  /** Whose doing it is where it is not ok. */
  label: Label;
  says: string;
}

/** What the ladder learnt; everything here was seen, nothing is assumed. */
export interface Learnt {
  environment: KalshiEnvironment;
  accepted: boolean;
  scopes?: readonly string[];
  market?: Record<string, unknown>;
  used?: UsedByCheckout;
  /** The answer to GET /portfolio/balance. */
  balance?: unknown;
  /** Host that this environment is asked at. */
  host: string;
}

function marketLine({ market, used }: Learnt): ReceiptLine {
  const base = { id: "market-data" as const, label: "exchange" as const };
  if (!market || !used || used.marketFields.length === 0)
    return { ...base, level: "unknown", says: "Whether REC.IO reads Kalshi's prices is not known yet." };
  const missing = missingFields(used, market);
  if (missing.length === 0) return { ...base, level: "ok", says: "REC.IO reads the market fields that Kalshi sends." };
  const since = spokenDate(retiredMarketFields.since);
  return {
    ...base,
    level: "fail",
    says: `REC.IO reads ${missing.length} market fields that Kalshi does not send (${missing.slice(0, 3).join(", ")}) and stores zeros; whole cents are gone since ${since}.`,
  };
}

function orderLine({ used, market }: Learnt): ReceiptLine {
  const base = { id: "orders" as const, label: "exchange" as const };
  const endpoint = orderEndpoint(used, market);
  switch (endpoint.is) {
    case "retired":
      return {
        ...base,
        level: "fail",
        says: `REC.IO places no orders, with any key: Kalshi answers 410 to ${endpoint.path} (${endpoint.at}) since ${spokenDate(endpoint.since)}.`,
      };
    case "served":
      return {
        ...base,
        level: "ok",
        says: `The order endpoint of this checkout, ${endpoint.path} (${endpoint.at}), is not known to be retired here.`,
      };
    case "not-known":
      return { ...base, level: "unknown", says: "To which endpoint this checkout posts orders is not known yet." };
  }
}

function rightLines({ scopes }: Learnt): ReceiptLine[] {
  if (!scopes) {
    return [
      { id: "trading-right", label: "exchange", level: "unknown", says: "Kalshi does not tell this key its rights." },
    ];
  }
  const trades = scopes.includes("write") || scopes.includes("write::trade");
  const movesMoney = scopes.includes("write") || scopes.includes("write::transfer");
  const trading: ReceiptLine = trades
    ? { id: "trading-right", label: "exchange", level: "ok", says: "The key has the right to trade." }
    : { id: "trading-right", label: "exchange", level: "warn", says: "The key may read and not trade." };
  const money: ReceiptLine = movesMoney
    ? {
        id: "move-money",
        label: "machine",
        level: "warn",
        says: "The key can also move money; REC.IO needs only read and write::trade.",
      }
    : { id: "move-money", label: "machine", level: "ok", says: "The key cannot move money." };
  return [trading, money];
}

function fundsLine({ balance, market }: Learnt): ReceiptLine {
  const base = { id: "funds" as const, label: "exchange" as const };
  const funds = cryptoFunds(balance, market);
  if (funds === undefined)
    return { ...base, level: "unknown", says: "Where the account's money lies is not told to this key." };
  return funds > 0
    ? { ...base, level: "ok", says: "There is money where Bitcoin markets trade." }
    : { ...base, level: "warn", says: "There is no money where Bitcoin markets trade." };
}

/** What is known of a key that Kalshi would accept and REC.IO cannot sign with. */
export function receiptOfUnusable(kind: string, used: UsedByCheckout | undefined): ReceiptLine[] {
  const where = used?.signs ? ` (${used.signs.at})` : "";
  return [
    {
      id: "sign",
      label: "checkout",
      level: "fail",
      says: `REC.IO cannot sign with ${kind} keys: this checkout signs with RSA-PSS alone${where}.`,
    },
  ];
}

/** What this checkout can do with this key, derived from what was seen. */
export function receiptOf(learnt: Learnt): ReceiptLine[] {
  const { accepted, used, environment, host } = learnt;
  const lines: ReceiptLine[] = [
    {
      id: "sign",
      label: "machine",
      level: "ok",
      says: `REC.IO can sign with this key${used?.signs ? `: RSA-PSS, as in ${used.signs.at}` : ""}.`,
    },
    accepted
      ? {
          id: "account",
          label: "exchange",
          level: "ok",
          says: "REC.IO can read the account: balance, positions, fills.",
        }
      : { id: "account", label: "exchange", level: "fail", says: "REC.IO cannot read the account." },
    marketLine(learnt),
    ...rightLines(learnt),
    fundsLine(learnt),
    orderLine(learnt),
  ];
  if (used?.websocketHost && environment === "demo" && used.websocketHost.host !== host) {
    lines.push({
      id: "account-feed",
      label: "checkout",
      level: "warn",
      says: `The account sync opens its websocket at ${used.websocketHost.host} whatever the account mode: a demo key is refused there.`,
    });
  }
  return lines;
}
