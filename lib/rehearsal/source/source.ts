import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { statePaths } from "../../paths.ts";
import { postgres } from "../../postgres/pool.ts";
import type { PostgresTarget } from "../../postgres/postgres.ts";
import { scramVerifier } from "../../postgres/roles/scram.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { priceModel } from "../feeds/prices.ts";
import type { RehearsalPlaces } from "../world/places.ts";

/** The role that the source's administrator makes for installers. */
export const sourceRole = "rec_io_installer";

/** The source's own PostgreSQL, to clone system data from: a second embedded server with the three schemas. */
export interface SourceDatabase {
  /** Makes it, or starts it where it is made. A few seconds the first time. */
  ensure(): Promise<void>;
  stop(): Promise<void>;
}

export interface SourceOptions {
  /** Rows in per cent of production's, from 1 to 100. */
  scalePercent?: number;
  /** The lookup on REC.IO's own grid, 8.8 million rows, whatever the scale of the rest. */
  wholeLookup?: boolean;
}

const done = "source.complete";
/** Production's rows of a minute of price history since 2020, roughly. */
const fullHistory = 2_600_000;
const fullLive = 86_400;

/** A widening of the lookup's steps in both directions takes its square away. The stand-in checkout wants at least a fifth. */
function lookupFactor(percent: number): number {
  return [1, 2, 4].find((factor) => 100 / (factor * factor) <= percent) ?? 5;
}

/** The reading role's password, chosen once: whoever writes answers may name its file before the source is made. */
export async function sourcePassword(machine: Machine, places: RehearsalPlaces): Promise<string> {
  const known = await machine.files.read(places.sourcePassword);
  if (known !== undefined) return known.trim();
  const chosen = randomBytes(24).toString("base64url");
  await machine.files.makeFolder(dirname(places.sourcePassword), 0o700);
  await machine.files.write(places.sourcePassword, `${chosen}\n`, 0o600);
  return chosen;
}

const minuteMs = 60_000;

/**
 * Prices of the last seconds, newest first, and their momentum in per cent. They are those of the stand-ins' feeds: what
 * is copied from a source and what is seen here are prices of one market, or the first momentum would be the step between.
 */
function livePrices(seconds: number): [prices: string[], momentum: string[]] {
  const model = priceModel();
  const now = Date.now();
  const times = Array.from({ length: seconds }, (_, index) => now - (index + 1) * 1000);
  const price = (time: number) => model.at("BTC", time);
  return [
    times.map((time) => price(time).toFixed(2)),
    times.map((time) => ((price(time) / price(time - minuteMs) - 1) * 100).toFixed(4)),
  ];
}

export function sourceDatabase(
  machine: Machine,
  places: RehearsalPlaces,
  port: number,
  { scalePercent = 1, wholeLookup = false }: SourceOptions = {},
): SourceDatabase {
  const paths = statePaths(places.source);
  const target: PostgresTarget = {
    kind: "embedded",
    host: "127.0.0.1",
    port,
    database: "rec_io_db",
    appUser: "rec_io_user",
    installerUser: sourceRole,
    adminUser: "postgres",
    adminDatabase: "postgres",
    sslmode: "disable",
  };
  const server = () => postgres({ target, paths, machine, secrets: () => ({}) });
  const part = (percent: number, of: number) => Math.max(1, Math.round((of * percent) / 100));

  async function fill(): Promise<void> {
    const open = server();
    const inside = { database: target.database, statementTimeoutMs: 0 };
    try {
      const admin = (text: string, values: readonly unknown[] = []) => open.query("admin", text, values, inside);
      const first = (text: string) => open.query("admin", text, [], { database: "postgres" });
      const password = await sourcePassword(machine, places);
      await first(`DROP DATABASE IF EXISTS ${target.database}`);
      await first(`DROP ROLE IF EXISTS ${sourceRole}`);
      await first(`DROP ROLE IF EXISTS ${target.appUser}`);
      await first(`CREATE ROLE ${target.appUser} NOLOGIN`);
      // A verifier instead of the password: nothing of it can end in the server's log.
      await first(`CREATE ROLE ${sourceRole} LOGIN PASSWORD '${scramVerifier(password)}'`);
      await first(`CREATE DATABASE ${target.database} OWNER ${target.appUser}`);
      await open.withSession(
        "admin",
        async (session) => {
          await session.query(`SET ROLE ${target.appUser}`);
          for (const name of ["analytics", "historical-data", "live-data"]) {
            await session.query(`CREATE SCHEMA ${name.replace("-", "_")}`);
            await session.query(sqlFile(`schema/${name}.sql`));
          }
          await session.query(sqlFile("rehearsal/source/fingerprints.sql"));
        },
        inside,
      );
      await admin(sqlFile("rehearsal/source/lookup-rows.sql"), [lookupFactor(wholeLookup ? 100 : scalePercent)]);
      await admin(sqlFile("rehearsal/source/history-rows-btc.sql"), [part(scalePercent, fullHistory), 118_000]);
      await admin(sqlFile("rehearsal/source/history-rows-eth.sql"), [part(scalePercent, fullHistory), 3_100]);
      await admin(sqlFile("rehearsal/source/live-rows.sql"), livePrices(part(scalePercent, fullLive)));
      await admin(sqlFile("source/access-log.sql"));
      await admin(sqlFile("source/grant-reading.sql"));
      await admin(sqlFile("source/log-rights.sql"));
    } finally {
      await open.close();
    }
  }

  return {
    async ensure() {
      const open = server();
      const { state } = await open.embedded.status();
      const complete = `${places.source}/${done}`;
      await machine.files.makeFolder(places.source, 0o700);
      if (state === "absent") await open.embedded.initialise(() => {});
      await open.embedded.start(() => {});
      await open.close();
      if (await machine.files.facts(complete)) return;
      await fill();
      await machine.files.write(complete, `${new Date().toISOString()}\n`, 0o600);
    },
    async stop() {
      const open = server();
      if ((await open.embedded.status()).state === "running") await open.embedded.stop();
      await open.close();
    },
  };
}
