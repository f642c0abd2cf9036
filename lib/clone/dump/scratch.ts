import { randomBytes } from "node:crypto";
import { quoteIdentifier, quoteLiteral } from "../../postgres/identifier.ts";
import { scramVerifier } from "../../postgres/roles/scram.ts";
import type { World } from "../../world.ts";
import { type SourceAddress, sourceConnections } from "../source/connect.ts";

/** A database that is there for one restore, and a role that may do nothing but fill it. */
export interface Scratch {
  database: string;
  address: SourceAddress;
  /** Opens connections as that role. */
  open: ReturnType<typeof sourceConnections>;
  end(): Promise<void>;
}

const prefix = "rec_io_setup_restore_";

/** What a restore that was killed left. A database that somebody is in belongs to a restore that still runs. */
async function removeLeftOver(asAdmin: (text: string) => Promise<object[]>): Promise<void> {
  const left = (await asAdmin(
    `SELECT datname AS name FROM pg_database d WHERE datname ~ '^${prefix}[0-9a-f]{12}$' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`,
  )) as { name: string }[];
  for (const { name } of left) {
    await asAdmin(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`).catch(() => {});
    await asAdmin(`DROP ROLE IF EXISTS ${quoteIdentifier(name)}`).catch(() => {});
  }
}

/**
 * Makes a scratch database on the target's server, owned by a role without any right elsewhere: what an untrusted dump
 * does there, it does to nobody. It may use so many connections and no more, and each of its statements half an hour.
 * @throws Problem where the administrator is not let in.
 */
export async function makeScratch({ postgres, machine }: Pick<World, "postgres" | "machine">): Promise<Scratch> {
  const { target } = postgres;
  const options = { database: target.adminDatabase, statementTimeoutMs: 300_000 };
  const asAdmin = (text: string) => postgres.query("admin", text, [], options);
  await removeLeftOver(asAdmin);
  const database = `${prefix}${randomBytes(6).toString("hex")}`;
  const password = randomBytes(24).toString("base64url");
  const own = quoteIdentifier(database);
  const end = async () => {
    await asAdmin(`DROP DATABASE IF EXISTS ${own} WITH (FORCE)`);
    await asAdmin(`DROP ROLE IF EXISTS ${own}`);
  };
  await asAdmin(
    `CREATE ROLE ${own} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 12 PASSWORD ${quoteLiteral(scramVerifier(password))}`,
  );
  try {
    await asAdmin(`CREATE DATABASE ${own} TEMPLATE template0 ENCODING 'UTF8' CONNECTION LIMIT 12`);
    await asAdmin(
      `REVOKE ALL ON DATABASE ${own} FROM PUBLIC; GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${own} TO ${own}`,
    );
  } catch (thrown) {
    await end().catch(() => {});
    throw thrown;
  }
  const address: SourceAddress = {
    host: target.host,
    port: target.port,
    database,
    user: database,
    sslmode: target.sslmode,
    ...(target.caFile ? { caFile: target.caFile } : {}),
  };
  return { database, address, open: sourceConnections(address, () => password, machine), end };
}
