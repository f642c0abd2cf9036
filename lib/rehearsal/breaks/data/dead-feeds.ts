import { sqlFile } from "../../../postgres/sql-file.ts";
import { type Break, soon } from "../break.ts";
import { monitorRow, stateOf } from "../claims.ts";

/** Coinbase gives no price any more; system_monitor counts twelve healthy programs. */
export const deadFeeds: Break = {
  name: "dead-feeds",
  title: "“12 of 12 healthy” with dead feeds",
  expects: { probes: ["prices-btc-fresh", "prices-eth-fresh"], level: "fail", cause: /price is \d+ s old/ },
  withinMs: soon,
  claims: async ({ world }) => [await stateOf(world, "symbol_price_watchdog_btc"), await monitorRow(world)],
  async throw({ world, control }) {
    // Some checkouts ask for a price each second, others listen to Coinbase's feed.
    await control("/coinbase", { tooManyRequests: true, silent: true });
    // The feed has been dead for a while: without this, one would wait for the prices to grow old first.
    await world.postgres.query("app", sqlFile("rehearsal/forget-prices.sql"));
  },
  mend: ({ control }) => control("/coinbase", {}),
};
