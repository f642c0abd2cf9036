import type { World } from "../../world.ts";

/** A trade that active_trade_supervisor watches: without it nothing sells when the probability falls. */
export interface OpenTrade {
  ticker: string;
  side: string;
  contracts: number;
  /** "active", "pending", "closing". */
  status: string;
}

const statement =
  "SELECT ticker, side, position AS contracts, status FROM users.active_trades_0001 WHERE status IN ('active', 'pending', 'closing') ORDER BY id";

/** The open trades of REC.IO. Throws a Problem `database.…` where the table cannot be read: not knowing is not "none". */
export async function openTrades({ postgres }: Pick<World, "postgres">): Promise<OpenTrade[]> {
  const rows = await postgres.query<{ [Name in keyof OpenTrade]: OpenTrade[Name] | null }>("app", statement);
  return rows.map((row) => ({
    ticker: row.ticker ?? "unknown ticker",
    side: row.side ?? "?",
    contracts: Number(row.contracts ?? 0),
    status: row.status ?? "unknown",
  }));
}

/** What a person must have read before programs are stopped; empty where no trade is open. Pure. */
export function beforeStopSentences(trades: readonly OpenTrade[]): string[] {
  if (trades.length === 0) return [];
  const count = trades.length === 1 ? "1 trade is open" : `${trades.length} trades are open`;
  return [
    `${count}. While REC.IO is stopped, no stop-loss watches over it.`,
    ...trades.map((trade) => `${trade.ticker} ${trade.side} × ${trade.contracts} (${trade.status})`),
  ];
}
