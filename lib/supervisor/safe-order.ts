/**
 * The order in which REC.IO's programs are started: those that make prices and tables, then those that read them, then
 * what decides, then what shows, then what watches. system_monitor is the last of all: a program that is down while it
 * looks makes it suspend trading and switch it on again by itself (facts/recio-run.md, 0.4).
 */
export const safeOrder = [
  "symbol_price_watchdog_btc",
  "symbol_price_watchdog_eth",
  "kalshi_market_watchdog",
  "strike_table_generator",
  "kalshi_account_sync",
  "trade_executor",
  "trade_manager",
  "active_trade_supervisor",
  "auto_entry_supervisor",
  "main_app",
  "cascading_failure_detector",
  "system_monitor",
] as const;

/** The program that watches, restarts and re-arms the others. */
export const monitorProgram = "system_monitor";

/** Where a program that this list does not know stands: after the others, before the two that watch. */
const unknownPlace = safeOrder.indexOf("cascading_failure_detector") - 0.5;

function place(name: string): number {
  const known = (safeOrder as readonly string[]).indexOf(name);
  return known < 0 ? unknownPlace : known;
}

/** The same programs in the order of starting; reversed it is the order of stopping. Pure. */
export function inSafeOrder<Program extends { name: string }>(programs: readonly Program[]): Program[] {
  return [...programs].sort((one, other) => place(one.name) - place(other.name) || (one.name < other.name ? -1 : 1));
}
