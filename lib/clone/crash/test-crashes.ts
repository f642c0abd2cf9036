import { sqlFile } from "../../postgres/sql-file.ts";
import { hasPostgres, type TestDatabase, type TestServer, testPostgres } from "../../postgres/test-server.ts";
import { clonedSchemas } from "../table.ts";
import { contents, makeSource, makeTarget } from "../test-ends.ts";
import { buildChild, startCopy } from "./test-copy.ts";

/** copy: our process, by kill -9. source, target: that server goes down beneath the copy and recovers from its log. */
export type Death = "copy" | "source" | "target";

export interface CrashReport {
  seed: number;
  tables: number;
  rows: number;
  /** One whole copy that nobody interrupts. */
  wholeMs: number;
  total: number;
  /** Rounds in which the death came while the copy ran. */
  struck: number;
  equal: number;
  /** Tables that were finished when the death came, over all rounds, and how many of them were sent again. */
  finishedBefore: number;
  sentAgain: number;
  byDeath: Record<Death, number>;
  faults: { round: number; death: Death; tables: number; thenMs: number; why: string }[];
}

const mostAttempts = 5;

/** Takes one of the copy's backends away with kill -9: the whole server starts anew from its log, as after a power cut. */
async function killServer(database: TestDatabase, role: string): Promise<void> {
  const [backend] = await database.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE usename = $1 AND datname = $2 AND pid <> pg_backend_pid() LIMIT 1",
    [role, database.name],
  );
  if (backend) process.kill(backend.pid, "SIGKILL");
}

/** Asks until the server answers. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What is recorded as copied, by name, with the moment at which it was put in place. */
async function recorded(target: TestDatabase): Promise<Map<string, string>> {
  const [there] = await target.query<{ there: boolean }>(
    "SELECT to_regclass('clone_state.copied') IS NOT NULL AS there",
  );
  if (!there?.there) return new Map();
  const rows = await target.query<{ name: string; at: string }>(
    "SELECT schema || '.' || name AS name, done_at::text || '/' || checksum AS at FROM clone_state.copied",
  );
  return new Map(rows.map(({ name, at }) => [name, at]));
}

/** Tables that somebody sees in the three schemas. */
async function visible(target: TestDatabase): Promise<string[]> {
  const rows = await target.query<{ name: string }>(
    "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = ANY ($1) ORDER BY 1",
    [[...clonedSchemas]],
  );
  return rows.map(({ name }) => name);
}

interface Sides {
  child: string;
  source: TestDatabase;
  server: TestServer;
  /** Contents of the source by table. */
  truth: Record<string, unknown>;
}

/** When death comes: after so many tables are in place, and so many milliseconds more. */
interface Moment {
  tables: number;
  thenMs: number;
}

interface Round {
  struck: boolean;
  finishedBefore: number;
  sentAgain: number;
  why?: string;
}

/** One death at one moment, everything that may not be after it, and the copy brought to its end. */
async function round(sides: Sides, death: Death, moment: Moment): Promise<Round> {
  const { source, truth } = sides;
  const target = await sides.server.database();
  const result: Round = { struck: false, finishedBefore: 0, sentAgain: 0 };
  try {
    await makeTarget(target);
    const first = startCopy(sides.child, source, target);
    await first.began;
    await first.reached(moment.tables);
    await new Promise((resolve) => setTimeout(resolve, moment.thenMs));
    result.struck = first.child.exitCode === null;
    // What is recorded now is finished: from here on nothing of it may come again.
    let before = death === "copy" ? new Map<string, string>() : await recorded(target);
    if (death === "copy") first.child.kill("SIGKILL");
    else if (death === "source") await killServer(source, "rec_io_installer");
    else await killServer(target, "postgres");
    let last = await first.ended;
    before = death === "copy" ? await recorded(target) : before;
    result.finishedBefore = before.size;
    if (death === "copy") {
      const half = (await visible(target)).filter((name) => !before.has(name));
      if (half.length > 0) return { ...result, why: `${half[0]} is there, and nobody recorded it` };
    }
    for (let attempt = 1; !last.finished && attempt < mostAttempts; attempt++) {
      const known = await patiently(() => recorded(target));
      if (last.said.startsWith("it hung")) break;
      const next = startCopy(sides.child, source, target);
      last = await next.ended;
      result.sentAgain += [...last.sent].filter((name) => known.has(name)).length;
    }
    if (last.said.startsWith("it hung")) return { ...result, why: last.said };
    if (!last.finished) return { ...result, why: `it did not come to its end: ${last.said}` };
    const after = await recorded(target);
    const moved = [...before].filter(([name, at]) => after.get(name) !== at);
    if (moved.length > 0) return { ...result, why: `${moved[0]?.[0]} was finished, and was put in place again` };
    if (result.sentAgain > 0) return { ...result, why: `${result.sentAgain} finished tables were sent again` };
    const names = Object.keys(truth);
    const here = await contents(target, names);
    const other = names.find((name) => JSON.stringify(here[name]) !== JSON.stringify(truth[name]));
    if (other) return { ...result, why: `${other} is not what it is at the source` };
    if ((await visible(target)).length !== names.length)
      return { ...result, why: "a table stands there that nobody copied" };
    return result;
  } catch (error) {
    return { ...result, why: error instanceof Error ? error.message : String(error) };
  } finally {
    await patiently(() => target.drop());
  }
}

/** A generator of numbers between 0 and 1 that are the same for a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Kills one side of a copy at random moments, lets another attempt bring it to its end, and compares what came with the
 * source.
 * @param kills rounds; each takes a few seconds
 * @param scale size of the source, 1 for a gigabyte
 */
export async function crashCopies(
  {
    kills,
    deaths = ["copy", "copy", "source", "target"],
    seed = Math.floor(Math.random() * 2 ** 31),
    scale = 0.03,
  }: { kills: number; deaths?: readonly Death[]; seed?: number; scale?: number },
  say: (line: string) => void = () => {},
): Promise<CrashReport> {
  const major = hasPostgres(15) ? 15 : 18;
  const own = deaths.some((death) => death !== "copy");
  const [here, there] = await Promise.all([testPostgres({ major, own }), testPostgres({ major, own })]);
  const child = buildChild();
  let source: TestDatabase | undefined;
  try {
    source = await there.database();
    await makeSource(
      source,
      sqlFile("bench/clone-source.sql")
        .replaceAll("SCALE", String(scale))
        .replaceAll(/^CREATE SCHEMA .*$/gm, ""),
    );
    const names = await visible(source);
    const sides: Sides = { child: child.file, source, server: here, truth: await contents(source, names) };
    const began = performance.now();
    const whole = await here.database();
    await makeTarget(whole);
    const first = startCopy(child.file, source, whole);
    await first.began;
    const readyAt = performance.now();
    if (!(await first.ended).finished)
      throw new Error(`a copy that nobody interrupts fails: ${(await first.ended).said}`);
    const wholeMs = Math.round(performance.now() - readyAt);
    say(`seed ${seed}: ${names.length} tables, ${wholeMs} ms a copy, ${Math.round(readyAt - began)} ms before it`);
    await whole.drop();
    const [{ rows = 0 } = {}] = await source.query<{ rows: number }>(
      "SELECT sum(reltuples)::float8 AS rows FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = ANY ($1)",
      [[...clonedSchemas]],
    );
    const report: CrashReport = {
      seed,
      tables: names.length,
      rows,
      wholeMs,
      total: 0,
      struck: 0,
      equal: 0,
      finishedBefore: 0,
      sentAgain: 0,
      byDeath: { copy: 0, source: 0, target: 0 },
      faults: [],
    };
    const chance = numbers(seed);
    while (report.total < kills) {
      const death = deaths[report.total % deaths.length] as Death;
      // The first and the last tables are as likely as any; before the first there is the looking.
      const moment = { tables: Math.floor(chance() * names.length), thenMs: Math.round(chance() * 60) };
      const { struck, finishedBefore, sentAgain, why } = await round(sides, death, moment);
      report.total++;
      report.byDeath[death]++;
      report.struck += struck ? 1 : 0;
      report.finishedBefore += finishedBefore;
      report.sentAgain += sentAgain;
      if (why === undefined) report.equal++;
      else report.faults.push({ round: report.total, death, ...moment, why });
      say(
        `${report.total}: ${death} after ${moment.tables} tables and ${moment.thenMs} ms, ${finishedBefore} finished: ${why ?? "equal"}`,
      );
    }
    return report;
  } finally {
    child.remove();
    await source?.drop().catch(() => {});
    if (own) await Promise.all([here.stop(), there.stop()]);
  }
}
