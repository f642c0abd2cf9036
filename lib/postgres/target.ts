import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Answers } from "../install/answers.ts";
import type { StatePaths } from "../paths.ts";
import type { PostgresTarget } from "./postgres.ts";

/** Our own role: owner of the database, of schema users and of the order lock. */
export const installerRole = "rec_io_setup";

/** The database that the answers name, as something to connect to. Pure. */
export function targetOf(answer: Answers["database"]): PostgresTarget {
  if (answer.kind === "embedded")
    return {
      kind: "embedded",
      host: "127.0.0.1",
      port: answer.port,
      database: "rec_io_db",
      appUser: "rec_io_user",
      installerUser: installerRole,
      adminUser: "postgres",
      adminDatabase: "postgres",
      sslmode: "disable",
    };
  return {
    kind: "server",
    host: answer.host,
    port: answer.port,
    database: answer.database,
    appUser: answer.appUser,
    installerUser: installerRole,
    adminUser: answer.adminUser,
    adminDatabase: answer.adminDatabase,
    sslmode: answer.sslmode,
    ...(answer.caFile ? { caFile: answer.caFile } : {}),
  };
}

/** The path of a unix socket has room for 107 bytes on Linux and 103 on macOS. */
const longestSocketPath = 103;

/**
 * The folder of the embedded server's unix socket: the one in the state folder, or, where the socket's path would be
 * longer than a socket address can hold, a short folder that is derived from the state folder's path. Every process
 * that knows the state folder finds the same one.
 */
export function socketFolder(
  paths: Pick<StatePaths, "state" | "postgresSocket">,
  port: number,
): { folder: string; short: boolean } {
  const socket = join(paths.postgresSocket, `.s.PGSQL.${port}`);
  if (Buffer.byteLength(socket) <= longestSocketPath) return { folder: paths.postgresSocket, short: false };
  const mark = createHash("sha256").update(paths.state).digest("hex").slice(0, 12);
  return { folder: `/tmp/rec-io-setup-${mark}`, short: true };
}

/** The file of the embedded superuser's password; of no use on a server that is not ours. */
export function adminPasswordFile(paths: Pick<StatePaths, "secrets">): string {
  return join(paths.secrets, "database-admin.password");
}
