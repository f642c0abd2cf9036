import pg from "pg";
import type { Secrets } from "../engine/step.ts";
import type { Machine } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import {
  addressFor,
  authorityOf,
  clientConfig,
  connectTimeoutMs,
  type PasswordSources,
  passwordOf,
  statementTimeoutMs,
  tlsOptions,
  userOf,
} from "./connection/client-config.ts";
import { copyIn } from "./connection/copy-in.ts";
import { copyOut } from "./connection/copy-out.ts";
import { streamOf, TidyClient } from "./connection/tidy-client.ts";
import { embeddedServer } from "./embedded/server.ts";
import type { As, Postgres, PostgresTarget, Session, SessionOptions } from "./postgres.ts";
import { databaseProblem } from "./problems.ts";

export interface PostgresSources {
  target: PostgresTarget;
  paths: StatePaths;
  machine: Machine;
  /** Asked at each connection of the administrator; the password of a server that is not ours is nowhere else. */
  secrets?: () => Pick<Secrets, "databaseAdminPassword">;
}

/** Connections of one identity: enough for the probes of a whole look, far below what REC.IO itself opens. */
const mostConnections = 6;
const idleMs = 120_000;
/** How long a busy connection may hold up forgetting; it is closed when it comes back in any case. */
const forgetPatienceMs = 2000;
/** At the end of the process nobody wants the answer of a question in hand any more. */
const closePatienceMs = 200;

type Rows = { rows: object[] };

/** One statement, given up by the client too where the server does not even keep its own time limit. */
async function runStatement(
  client: pg.ClientBase,
  text: string,
  values: readonly unknown[] | undefined,
  timeoutMs: number,
): Promise<object[]> {
  const config = {
    text,
    ...(values ? { values: [...values] } : {}),
    ...(timeoutMs > 0 ? { query_timeout: timeoutMs + 2000 } : {}),
  };
  const result = (await client.query(config as pg.QueryConfig)) as unknown as Rows | Rows[];
  // Several statements in one text answer with several results; the last one is what the caller asked for.
  return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows;
}

/** The real target database. Nothing connects before the first question. */
export function postgres(sources: PostgresSources): Postgres {
  const { target, paths, machine } = sources;
  const passwords: PasswordSources = { paths, machine, adminPassword: () => sources.secrets?.().databaseAdminPassword };
  let pools = new Map<string, Promise<pg.Pool>>();
  const busy = new Set<pg.PoolClient>();

  const makePool = async (as: As, database: string): Promise<pg.Pool> => {
    const ssl = tlsOptions(target, await authorityOf(target, machine));
    const pool = new pg.Pool({
      ...clientConfig(addressFor(target, as, paths), userOf(target, as), database, ssl),
      password: () => passwordOf(target, as, passwords),
      Client: TidyClient,
      max: mostConnections,
      idleTimeoutMillis: idleMs,
      connectionTimeoutMillis: connectTimeoutMs,
      allowExitOnIdle: true,
    });
    // An idle connection whose server dies says so here; without a listener that would end the process.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool;
  };

  const poolFor = (as: As, database: string): Promise<pg.Pool> => {
    const key = `${as} ${database}`;
    const known = pools.get(key);
    if (known) return known;
    const made = makePool(as, database);
    pools.set(key, made);
    made.catch(() => pools.delete(key));
    return made;
  };

  /** Asks the server to end what a session is doing, on a connection of its own; if that fails the session is dropped. */
  const cancel = async (as: As, database: string, client: pg.PoolClient): Promise<void> => {
    const { processID } = client as unknown as { processID: number | null };
    try {
      const pool = await poolFor(as, database);
      await pool.query("SELECT pg_cancel_backend($1)", [processID]);
    } catch {
      streamOf(client).destroy();
    }
  };

  const borrow = async <T>(
    as: As,
    options: SessionOptions,
    work: (client: pg.PoolClient, timeoutMs: number) => Promise<T>,
  ): Promise<T> => {
    const database = options.database ?? target.database;
    const context = { target, as, user: userOf(target, as), database };
    const timeoutMs = options.statementTimeoutMs ?? statementTimeoutMs;
    const { signal } = options;
    signal?.throwIfAborted();
    let client: pg.PoolClient | undefined;
    const onAbort = () => client && void cancel(as, database, client);
    let broken: Error | undefined;
    try {
      client = await (await poolFor(as, database)).connect();
      busy.add(client);
      if (signal?.aborted) throw signal.reason;
      signal?.addEventListener("abort", onAbort, { once: true });
      if (timeoutMs !== statementTimeoutMs) await client.query(`SET statement_timeout = ${Math.trunc(timeoutMs)}`);
      return await work(client, timeoutMs);
    } catch (error) {
      // What the server refused leaves a healthy connection; anything else does not go back into the pool.
      if (!(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? ""))
        broken = error instanceof Error ? error : new Error(String(error));
      if (signal?.aborted) throw signal.reason;
      throw databaseProblem(error, context);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      // A time limit of its own is taken off again: closing the connection costs the next question a whole login.
      if (client && !broken && timeoutMs !== statementTimeoutMs)
        await client.query(`SET statement_timeout = ${statementTimeoutMs}`).catch((error: Error) => {
          broken = error;
        });
      if (client) busy.delete(client);
      client?.release(broken);
    }
  };

  /** Drops all pools and waits a while for their connections to end. */
  const letGo = async (patienceMs: number): Promise<void> => {
    const old = [...pools.values()];
    pools = new Map();
    const ended = Promise.allSettled(old.map(async (pool) => (await pool).end()));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([ended, patience]);
    clearTimeout(timer);
  };

  const sessionOn = (client: pg.ClientBase, timeoutMs: number): Session => ({
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await runStatement(client, text, values, timeoutMs)) as Row[],
    copyIn: (statement, chunks) => copyIn(client, statement, chunks),
    copyOut: (statement) => copyOut(client, statement),
  });

  const self: Postgres = {
    target,
    embedded: embeddedServer({ target, paths, machine, beforeStop: () => self.forget() }),
    query: <Row extends object>(as: As, text: string, values?: readonly unknown[], options: SessionOptions = {}) =>
      borrow(as, options, async (client, timeoutMs) => (await runStatement(client, text, values, timeoutMs)) as Row[]),
    withSession: (as, work, options = {}) =>
      borrow(as, options, (client, timeoutMs) => work(sessionOn(client, timeoutMs))),
    withTransaction: (as, work, options = {}) =>
      borrow(as, options, async (client, timeoutMs) => {
        await client.query(options.readOnly ? "BEGIN READ ONLY" : "BEGIN");
        try {
          const result = await work(sessionOn(client, timeoutMs));
          await client.query("COMMIT");
          return result;
        } catch (error) {
          // A connection that broke has nothing to roll back; the error that counts is the first one.
          await client.query("ROLLBACK").catch(() => {});
          throw error;
        }
      }),
    async connectionUri() {
      const login = `${encodeURIComponent(target.appUser)}:${encodeURIComponent(await passwordOf(target, "app", passwords))}`;
      const tls =
        target.sslmode === "disable"
          ? ""
          : `sslmode=${target.sslmode}${target.caFile ? `&sslrootcert=${encodeURIComponent(target.caFile)}` : ""}`;
      const database = encodeURIComponent(target.database);
      if (target.host.startsWith("/"))
        return `postgresql://${login}@/${database}?host=${encodeURIComponent(target.host)}&port=${target.port}`;
      const host = target.host.includes(":") ? `[${target.host}]` : target.host;
      return `postgresql://${login}@${host}:${target.port}/${database}${tls && `?${tls}`}`;
    },
    forget: () => letGo(forgetPatienceMs),
    async close() {
      await letGo(closePatienceMs);
      // The server ends what such a connection was doing when it finds nobody there.
      for (const client of busy) streamOf(client).destroy();
    },
  };
  return self;
}
