import type pg from "pg";
import {
  addressFor,
  authorityOf,
  clientConfig,
  passwordOf,
  tlsOptions,
  userOf,
} from "../postgres/connection/client-config.ts";
import { TidyClient } from "../postgres/connection/tidy-client.ts";
import { databaseProblem } from "../postgres/problems.ts";
import type { World } from "../world.ts";

/**
 * Opens connections to the target as REC.IO's own role, to which the copied tables belong.
 * @throws Problem `database.…`
 */
export function targetConnections({
  postgres,
  paths,
  machine,
}: Pick<World, "postgres" | "paths" | "machine">): () => Promise<pg.Client> {
  const { target } = postgres;
  const sources = { paths, machine, adminPassword: () => undefined };
  return async () => {
    const ssl = tlsOptions(target, await authorityOf(target, machine));
    const client = new TidyClient({
      ...clientConfig(addressFor(target, "app", paths), userOf(target, "app"), target.database, ssl),
      password: () => passwordOf(target, "app", sources),
      statement_timeout: 0,
    });
    client.on("error", () => {});
    try {
      await client.connect();
    } catch (error) {
      throw databaseProblem(error, { target, as: "app", user: target.appUser, database: target.database });
    }
    return client;
  };
}
