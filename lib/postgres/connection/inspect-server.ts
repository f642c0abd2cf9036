import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import type pg from "pg";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Rung } from "../../runtime.ts";
import { findBinaries } from "../embedded/binaries.ts";
import { runningPostmaster } from "../embedded/postmaster.ts";
import { checkSomebody } from "../embedded/somebody.ts";
import type { PostgresTarget } from "../postgres.ts";
import { databaseProblem, type ProblemContext, poolerBetween } from "../problems.ts";
import { type AdministratorRights, refuseMissingRights } from "../roles/administrator.ts";
import { sqlFile } from "../sql-file.ts";
import { authorityOf, clientConfig, connectTimeoutMs, tlsOptions } from "./client-config.ts";
import { type Climbed, climb, type Held } from "./rungs.ts";
import { TidyClient } from "./tidy-client.ts";

export interface Inspection {
  machine: Machine;
  paths: StatePaths;
  /** Held in memory by the caller; never written anywhere. */
  adminPassword?: string;
  signal: AbortSignal;
  /** Told the whole ladder each time a rung changes. */
  onRung: (rungs: Rung[]) => void;
}

const oldestVersion = 14;

interface AdministratorFacts extends AdministratorRights {
  version_number: number;
  version: string;
  replica: boolean;
  read_only: boolean;
  tls: boolean;
}

interface FoundDatabase {
  owner: string;
  encoding: string;
}

/** Opens a TCP connection and closes it again; rejects with the errno. */
function knock({ host, port }: PostgresTarget, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    const end = (error?: Error) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const onAbort = () => end(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.setTimeout(connectTimeoutMs, () => end(Object.assign(new Error("connect"), { code: "ETIMEDOUT" })));
    socket.once("connect", () => end());
    socket.once("error", end);
  });
}

/** A pooler gives its clients numbers of its own, which no session of the server has. @throws Problem `database.pooler-between` */
async function refusePooler(client: pg.Client, context: ProblemContext): Promise<void> {
  const told = (client as unknown as { processID: number | null }).processID;
  const [row] = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
  if (row?.pid !== told) throw new Problem(poolerBetween(context, { message: "" }));
}

function versionRung(facts: AdministratorFacts): Held {
  const version = facts.version.split(" ")[0];
  if (facts.version_number >= oldestVersion * 10_000) return { says: `PostgreSQL ${version} is new enough` };
  throw new Problem({
    code: "database.version-too-old",
    says: `PostgreSQL is ${version}, and ${oldestVersion} is the oldest that works.`,
    remedy: sentence(`Name a server with PostgreSQL ${oldestVersion} or newer.`),
  });
}

function writesRung({ replica, read_only }: AdministratorFacts): Held {
  if (!replica && !read_only) return { says: "It takes writes" };
  throw new Problem({
    code: "database.read-only",
    says: replica ? "This PostgreSQL is a replica and takes no writes." : "This PostgreSQL is set to read-only.",
    remedy: sentence(replica ? "Name the primary server." : "Set default_transaction_read_only to off."),
  });
}

function rightsRung(facts: AdministratorFacts, user: string): Held {
  if (facts.superuser) return { says: `${user} is a superuser` };
  refuseMissingRights(facts, user);
  return { says: `${user} may create roles and databases` };
}

function databaseRung(target: PostgresTarget, found: FoundDatabase | undefined): Held {
  if (!found) return { says: `The database ${target.database} will be made, in UTF-8` };
  if (found.encoding !== "UTF8")
    throw new Problem({
      code: "database.wrong-encoding",
      says: `The database ${target.database} is in ${found.encoding}, and REC.IO writes UTF-8.`,
      remedy: sentence("Name another database."),
    });
  if (found.owner === target.installerUser)
    return { says: `The database ${target.database} is there from an earlier installation` };
  return {
    level: "warn",
    says: `The database ${target.database} is there and belongs to ${found.owner}`,
    detail: `It will be given to ${target.installerUser}; what is in it is only added to.`,
    remedy: sentence("Name another database if this one is somebody else's."),
  };
}

async function inspectExisting(target: PostgresTarget, given: Inspection): Promise<Climbed> {
  const { machine, adminPassword, signal, onRung } = given;
  const context = { target, as: "admin" as const, user: target.adminUser, database: target.adminDatabase };
  const orProblem = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      signal.throwIfAborted();
      throw databaseProblem(error, context);
    }
  };
  const titles = {
    address: `${target.host} leads to an address`,
    reachable: `Something answers at port ${target.port}`,
    login: `${target.adminUser} can log in`,
    version: `PostgreSQL is ${oldestVersion} or newer`,
    writes: "It takes writes",
    rights: `${target.adminUser} may create roles and databases`,
    database: `The database ${target.database} can be used`,
  };
  let client: pg.Client | undefined;
  const onAbort = () => void client?.end().catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await climb(titles, onRung, async ({ rung }) => {
      await rung("address", async () => {
        if (target.host.startsWith("/")) return { says: `${target.host} is a folder with a unix socket` };
        if (isIP(target.host)) return { says: `${target.host} is an address` };
        const { address } = await orProblem(lookup(target.host));
        return { says: `${target.host} leads to ${address}` };
      });
      await rung("reachable", async () => {
        await orProblem(knock(target, signal));
        return { says: `Something answers at port ${target.port}` };
      });
      let facts: AdministratorFacts | undefined;
      let found: FoundDatabase | undefined;
      await rung("login", async () => {
        const ssl = tlsOptions(target, await authorityOf(target, machine));
        // Always a password, even an empty one: pg would look for a password file of this user's otherwise.
        client = new TidyClient({
          ...clientConfig(target, target.adminUser, target.adminDatabase, ssl),
          password: () => adminPassword ?? "",
        });
        client.on("error", () => {});
        await orProblem(client.connect());
        await refusePooler(client, context);
        facts = (
          await orProblem(
            client.query<AdministratorFacts>(sqlFile("roles/administrator-facts.sql"), [target.installerUser]),
          )
        ).rows[0];
        found = (
          await orProblem(
            client.query<FoundDatabase>(sqlFile("roles/database-facts.sql"), [
              target.database,
              target.installerUser,
              target.appUser,
            ]),
          )
        ).rows[0];
        return {
          says: `${target.adminUser} can log in`,
          detail: facts?.tls ? "The connection is encrypted." : "The connection is not encrypted.",
        };
      });
      const known = facts;
      if (!known) throw new Error("roles/administrator-facts.sql always answers with one row");
      await rung("version", async () => versionRung(known));
      await rung("writes", async () => writesRung(known));
      await rung("rights", async () => rightsRung(known, target.adminUser));
      await rung("database", async () => databaseRung(target, found));
      return {
        says: `PostgreSQL ${known.version.split(" ")[0]} at ${target.host}:${target.port} can be used.`,
        facts: { version: known.version.split(" ")[0], tls: known.tls, databaseExists: found !== undefined },
      };
    });
  } finally {
    signal.removeEventListener("abort", onAbort);
    await client?.end().catch(() => {});
  }
}

/** The embedded server is not there yet: what is asked is whether it could be. */
function inspectEmbedded(target: PostgresTarget, { machine, paths, onRung }: Inspection): Promise<Climbed> {
  const titles = {
    programs: "The server programs run here",
    user: "PostgreSQL may run as somebody other than root",
    port: `Port ${target.port} is free`,
  };
  return climb(titles, onRung, async ({ rung }) => {
    let version = "";
    await rung("programs", async () => {
      version = (await findBinaries(machine)).version;
      return { says: `PostgreSQL ${version} runs here` };
    });
    await rung("user", async () => {
      return { says: await checkSomebody(machine) };
    });
    await rung("port", async () => {
      if ((await runningPostmaster(machine, paths.postgresData))?.port === target.port)
        return { says: `Port ${target.port} is held by the embedded PostgreSQL itself` };
      const holder = (await machine.listeners()).find(({ port }) => port === target.port);
      if (!holder) return { says: `Port ${target.port} is free` };
      throw new Problem({
        code: "database.port-taken",
        says: `Port ${target.port} is taken by ${holder.program ?? "another process"}${holder.pid ? ` (process ${holder.pid})` : ""}.`,
        remedy: sentence("Choose another port for the embedded PostgreSQL, or end that process."),
      });
    });
    return { says: `The embedded PostgreSQL ${version} can be used.`, facts: { version } };
  });
}

/**
 * The connection test of the wizard: a ladder of read-only questions. For a server: address, port, login (with TLS as
 * wanted), version, writes, rights, the database. For the embedded one: whether its programs run and its port is free.
 */
export function inspectServer(target: PostgresTarget, inspection: Inspection): Promise<Climbed> {
  return target.kind === "embedded" ? inspectEmbedded(target, inspection) : inspectExisting(target, inspection);
}
