import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import type pg from "pg";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { Problem, repairedBy, sentence } from "../../problem.ts";
import type { As, PostgresTarget } from "../postgres.ts";
import { adminPasswordFile, socketFolder } from "../target.ts";

/** Milliseconds until a server that does not answer is given up. */
export const connectTimeoutMs = 5000;
/** Milliseconds that a statement may take where nobody said otherwise. */
export const statementTimeoutMs = 10_000;

/**
 * The TLS settings of a mode, with libpq's meaning: `require` encrypts and asks for no proof, `verify-ca` wants a
 * certificate of the authority, `verify-full` also the host's name in it.
 */
export function tlsOptions(target: PostgresTarget, authority: string | undefined): false | ConnectionOptions {
  if (target.sslmode === "disable" || target.host.startsWith("/")) return false;
  const trusted = authority ? { ca: authority } : {};
  if (target.sslmode === "require") return { rejectUnauthorized: false };
  if (target.sslmode === "verify-ca")
    return { ...trusted, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  // The name is checked against the host that was asked for: over a socket of our own, Node would check "localhost".
  return {
    ...trusted,
    rejectUnauthorized: true,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(target.host, certificate),
  };
}

/** What `pg` needs to connect to a target, the password aside. */
export function clientConfig(
  target: PostgresTarget,
  user: string,
  database: string,
  ssl: false | ConnectionOptions,
): pg.ClientConfig {
  return {
    host: target.host,
    port: target.port,
    user,
    database,
    ssl,
    application_name: "rec-io-setup",
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
  };
}

/** Where the passwords are: files for our roles, memory for the administrator of a server that is not ours. */
export interface PasswordSources {
  paths: StatePaths;
  machine: Pick<Machine, "files">;
  adminPassword(): string | undefined;
}

/** The name with which an identity logs in. */
export function userOf(target: PostgresTarget, as: As): string {
  return { app: target.appUser, installer: target.installerUser, admin: target.adminUser }[as];
}

/** Reads a password file: all of it but one line break at its end, which editors add. */
async function passwordIn(machine: Pick<Machine, "files">, path: string): Promise<string | undefined> {
  return (await machine.files.read(path))?.replace(/\r?\n$/, "");
}

/**
 * The password of an identity, read at the moment of connecting.
 * @throws Problem `database.password-missing` where there is none.
 */
export async function passwordOf(target: PostgresTarget, as: As, sources: PasswordSources): Promise<string> {
  const { paths, machine } = sources;
  if (as === "admin") {
    const password =
      target.kind === "embedded" ? await passwordIn(machine, adminPasswordFile(paths)) : sources.adminPassword();
    if (password) return password;
    throw new Problem({
      code: "database.password-missing",
      says: `The password of the administrator ${target.adminUser} is not known.`,
      remedy:
        target.kind === "embedded"
          ? repairedBy("start-postgres", "Make the embedded server anew.")
          : sentence("Enter the administrator's password; it is kept in memory only."),
    });
  }
  const password = await passwordIn(machine, as === "app" ? paths.appPassword : paths.installerPassword);
  if (password) return password;
  throw new Problem({
    code: "database.password-missing",
    says: `The password file of the role ${userOf(target, as)} is not there.`,
    remedy: repairedBy("create-database-roles", "Create the role with a new password."),
  });
}

/** The text of the authority's certificate. @throws Problem `database.ca-file-missing`. */
export async function authorityOf(
  target: PostgresTarget,
  machine: Pick<Machine, "files">,
): Promise<string | undefined> {
  if (!target.caFile || target.sslmode === "disable") return undefined;
  const text = await machine.files.read(target.caFile).catch(() => undefined);
  if (text?.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new Problem({
    code: "database.ca-file-missing",
    says:
      text === undefined
        ? `The CA file ${target.caFile} is not there or may not be read.`
        : `The CA file ${target.caFile} holds no certificate.`,
    remedy: sentence("Name the file that holds the authority's certificate in PEM form."),
  });
}

/** The embedded superuser is admitted over the unix socket alone; everybody else comes by TCP. */
export function addressFor(target: PostgresTarget, as: As, paths: StatePaths): PostgresTarget {
  if (target.kind !== "embedded" || as !== "admin") return target;
  return { ...target, host: socketFolder(paths, target.port).folder };
}
