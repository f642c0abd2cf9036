import type pg from "pg";
import type { Machine } from "../../machine/machine.ts";
import { authorityOf, clientConfig, tlsOptions } from "../../postgres/connection/client-config.ts";
import { TidyClient } from "../../postgres/connection/tidy-client.ts";
import type { PostgresTarget } from "../../postgres/postgres.ts";
import { databaseProblem } from "../../postgres/problems.ts";

/** Where system data is copied from; the password stands apart, in memory. */
export interface SourceAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  sslmode: PostgresTarget["sslmode"];
  caFile?: string;
}

/** `db.example.org:5432/rec_io_db`: for records and sentences. */
export function sourceName({ host, port, database }: SourceAddress): string {
  return `${host}:${port}/${database}`;
}

/** True where nothing but this machine is between the two ends, or TLS protects what is. */
export function linkIsSafe({ host, sslmode }: SourceAddress): boolean {
  return host.startsWith("/") || sslmode !== "disable";
}

/**
 * Opens connections to a source as its reading role.
 * @param password asked at each connection; what it returns is kept nowhere.
 * @throws Problem `database.…`, about the source.
 */
export function sourceConnections(
  address: SourceAddress,
  password: () => string | undefined,
  machine: Pick<Machine, "files">,
): () => Promise<pg.Client> {
  const target: PostgresTarget = {
    kind: "server",
    ...address,
    appUser: address.user,
    installerUser: address.user,
    adminUser: address.user,
    adminDatabase: address.database,
  };
  return async () => {
    const ssl = tlsOptions(target, await authorityOf(target, machine));
    const client = new TidyClient({
      ...clientConfig(target, address.user, address.database, ssl),
      // Always a password, even an empty one: pg would look for a password file of this user's otherwise.
      password: () => password() ?? "",
      // A link that stalls answers nothing and closes nothing; rows are not asked for in this way.
      query_timeout: 60_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
    } catch (error) {
      throw databaseProblem(error, { target, user: address.user, database: address.database });
    }
    return client;
  };
}
