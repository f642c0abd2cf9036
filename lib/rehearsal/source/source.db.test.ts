import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { freePort } from "../../postgres/test-server.ts";
import { priceModel } from "../feeds/prices.ts";
import { rehearsalPlaces } from "../world/places.ts";
import { sourceDatabase, sourceRole } from "./source.ts";

test("a source has the three schemas in their real names, for a role that may read and nothing else", async () => {
  test.setTimeout(120_000);
  const state = mkdtempSync(join(tmpdir(), "rs-"));
  const machine = localMachine({ stateFolder: state });
  const places = rehearsalPlaces({ state });
  const port = await freePort();
  const source = sourceDatabase(machine, places, port);
  try {
    await source.ensure();
    // A second time finds it made.
    await source.ensure();
    const password = readFileSync(places.sourcePassword, "utf8").trim();
    const client = new pg.Client({ host: "127.0.0.1", port, user: sourceRole, password, database: "rec_io_db" });
    await client.connect();
    const count = async (text: string) => Number((await client.query<{ n: string }>(text)).rows[0]?.n);
    try {
      const fingerprints = "FROM pg_tables WHERE schemaname = 'analytics' AND tablename LIKE '%fingerprint%'";
      expect(await count(`SELECT count(*) AS n ${fingerprints}`)).toBe(124);
      expect(await count('SELECT count(*) AS n FROM analytics."btc_fingerprint_directional_momentum_-05"')).toBe(60);
      const row = await client.query('SELECT * FROM analytics."eth_fingerprint_directional_momentum_-30" LIMIT 1');
      expect(row.fields).toHaveLength(81);
      expect(row.fields.map(({ name }) => name)).not.toContain("pos_1_70");
      expect(await count("SELECT count(*) AS n FROM analytics.probability_lookup_btc")).toBe(362_645);
      expect(await count("SELECT count(*) AS n FROM historical_data.btc_price_history")).toBe(26_000);
      expect(await count("SELECT count(*) AS n FROM live_data.live_price_log_1s_btc")).toBe(864);
      // One market: the newest price of the source is the feeds' price of a moment ago, and no step makes a momentum.
      const newest = await client.query(
        "SELECT price FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1",
      );
      expect(Math.abs(Number(newest.rows[0].price) / priceModel().at("BTC", Date.now()) - 1)).toBeLessThan(0.003);
      await expect(client.query("DELETE FROM analytics.probability_lookup_btc")).rejects.toThrow(/permission denied/);
      await expect(client.query("CREATE TABLE live_data.mine (id int)")).rejects.toThrow(/permission denied/);
    } finally {
      await client.end();
    }
  } finally {
    await source.stop();
    rmSync(state, { recursive: true, force: true });
  }
});
