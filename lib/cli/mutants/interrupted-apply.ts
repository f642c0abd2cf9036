import { ask } from "../../engine/ask.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { applySchema } from "../../install/steps/apply-schema.ts";
import { introspect } from "../../postgres/contract/introspect.ts";
import type { Postgres, Session } from "../../postgres/postgres.ts";
import { type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { type TestServer, testPostgres } from "../../postgres/test-server.ts";
import type { World } from "../../world.ts";

/** process: our side dies, as by kill -9. server: the server goes down at once and recovers from its log. */
export type Death = "process" | "server";

export interface InterruptionReport {
  /** How many statements one whole apply sends, backup and proof included. */
  statements: number;
  killed: number;
  total: number;
  survivors: { death: Death; at: number; why: string }[];
}

/** A database with rows in tables of the wrong shape, so that every kind of work is to be done. */
const damaged = [
  "INSERT INTO users.trades_0001 (date, time, strike, side, buy_price, position) SELECT 'd', 't', n::text, 'y', 0.5, n FROM generate_series(1, 20) n",
  "ALTER TABLE users.trades_0001 ADD user_id text NOT NULL DEFAULT 'them'; ALTER TABLE users.trades_0001 ALTER user_id DROP DEFAULT, DROP COLUMN ticket_id",
  "ALTER TABLE users.trade_preferences_0001 DROP COLUMN multiplier",
  "ALTER TABLE users.positions_0001 DROP CONSTRAINT positions_0001_ticker_key",
  "ALTER TABLE users.active_trades_0001 ALTER status DROP DEFAULT; ALTER TABLE system.health_status ADD note text",
  "DROP TABLE live_data.watchlist_btc; DROP SCHEMA historical_data CASCADE",
];

const rowsOf = (installed: TestInstallation) =>
  installed.database.query(
    "SELECT count(*)::int AS rows, sum(hashtextextended(ROW(id, strike, side, buy_price, position, user_id)::text, 0))::text AS hash FROM users.trades_0001",
  );

/** The same connections, with something done before the n-th statement that they send. */
function counting(postgres: Postgres, before: (n: number, session: Session) => Promise<void>): Postgres {
  let sent = 0;
  const counted = (session: Session): Session => ({
    query: async (text, values) => {
      sent += 1;
      await before(sent, session);
      return session.query(text, values);
    },
    copyIn: async (statement, chunks) => {
      sent += 1;
      await before(sent, session);
      return session.copyIn(statement, chunks);
    },
    async *copyOut(statement) {
      sent += 1;
      await before(sent, session);
      yield* session.copyOut(statement);
    },
  });
  return {
    ...postgres,
    query: (as, text, values, options) =>
      postgres.withSession(as, (session) => counted(session).query(text, values), options),
    withSession: (as, work, options) => postgres.withSession(as, (session) => work(counted(session)), options),
    withTransaction: (as, work, options) => postgres.withTransaction(as, (session) => work(counted(session)), options),
  };
}

async function untilItAnswers(installed: TestInstallation): Promise<void> {
  await installed.postgres.forget();
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await installed.database.query("SELECT 1");
      await installed.postgres.query("installer", "SELECT 1");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function prepared(server: TestServer): Promise<TestInstallation> {
  const installed = await testInstallation({ server });
  for (const text of damaged) await installed.database.query(text);
  return installed;
}

const worldOf = ({ world }: TestInstallation, postgres: Postgres) => ({ ...world, postgres }) as World;

/** How many statements an apply sends that nothing interrupts. */
async function countStatements(server: TestServer): Promise<number> {
  const installed = await prepared(server);
  let sent = 0;
  const postgres = counting(installed.postgres, async (n) => {
    sent = n;
  });
  await applySchema(installed.answers).run(worldOf(installed, postgres), testJob());
  await installed.end();
  return sent;
}

async function tryOne(server: TestServer, death: Death, at: number): Promise<string | undefined> {
  const installed = await prepared(server);
  try {
    const catalogue = JSON.stringify(await introspect(installed.postgres, "installer"));
    const rows = JSON.stringify(await rowsOf(installed));
    let struck = false;
    const dying = counting(installed.postgres, async (n, session) => {
      if (n !== at) return;
      struck = true;
      const [own] = await session.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      if (death === "server") process.kill(own?.pid ?? 0, "SIGKILL");
      else await installed.database.query("SELECT pg_terminate_backend($1)", [own?.pid]);
    });
    const ended = await applySchema(installed.answers)
      .run(worldOf(installed, dying), testJob())
      .then(
        () => "it went on as if nothing had happened",
        () => undefined,
      );
    if (!struck) return "there was no such statement";
    await untilItAnswers(installed);
    const left = JSON.stringify(await introspect(installed.postgres, "installer"));
    // After the commit there is nothing left to interrupt; until then everything is as it was.
    if (ended === undefined && left !== catalogue) return "the catalogue was half changed";
    if (ended !== undefined) return ended;
    if (JSON.stringify(await rowsOf(installed)) !== rows) return "rows were lost";
    await applySchema(installed.answers).run(installed.world, testJob());
    const { finding } = await ask(
      schemaMatchesContract(installed.answers),
      installed.world,
      new AbortController().signal,
    );
    if (finding.level !== "ok") return `run again: ${finding.says}`;
    if (JSON.stringify(await rowsOf(installed)) !== rows) return "rows were lost when it was run again";
    const [left_over] = await installed.database.query(
      "SELECT FROM pg_database WHERE datname LIKE 'rec_io_setup_proof%'",
    );
    return left_over ? "a scratch database stayed behind" : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await installed.end().catch(() => {});
  }
}

/**
 * Interrupts the apply at its statements, one after another, by the death of either side, and sees that the catalogue and
 * the rows are as before, and that running it again brings everything to its end.
 * @param every 1 for each statement; a larger number for a sample.
 */
export async function interruptApply(
  {
    every = 1,
    deaths = ["process", "server"],
    major = 18,
  }: { every?: number; deaths?: readonly Death[]; major?: 15 | 18 } = {},
  say: (line: string) => void = () => {},
): Promise<InterruptionReport> {
  const server = await testPostgres({ major, own: true });
  try {
    const statements = await countStatements(server);
    const report: InterruptionReport = { statements, killed: 0, total: 0, survivors: [] };
    for (const death of deaths)
      for (let at = 1; at <= statements; at += every) {
        const why = await tryOne(server, death, at);
        report.total += 1;
        if (why === undefined) report.killed += 1;
        else report.survivors.push({ death, at, why });
        say(`${death} at statement ${at} of ${statements}: ${why ?? "as before, and whole when run again"}`);
      }
    return report;
  } finally {
    await server.stop();
  }
}
