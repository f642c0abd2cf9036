import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import { projectRoot } from "../../paths.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { hasPostgres, type TestDatabase, type TestServer, testPostgres } from "../../postgres/test-server.ts";
import { clonedSchemas } from "../table.ts";
import { contents, makeSource, makeTarget, readerPassword } from "../test-ends.ts";

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
  faults: { round: number; death: Death; atMs: number; why: string }[];
}

const sourceName = "source.test:5432/rec_io_db";
const mostAttempts = 5;

/** The program that copies and is killed, made anew of the sources; inside the project, where it finds the SQL files. */
function buildChild(): { file: string; remove(): void } {
  const folder = join(projectRoot(), ".build", `crash-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "copy.cjs");
  buildSync({
    entryPoints: [join(projectRoot(), "lib/clone/crash/test-copy-child.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["pg-native"],
    define: { "import.meta.url": "__fileOfThisBundle" },
    banner: { js: 'const __fileOfThisBundle = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "error",
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** One process that copies: what it said, and how it ended. */
interface Copy {
  child: ChildProcess;
  began: Promise<void>;
  ended: Promise<{ sent: Set<string>; done: Set<string>; finished: boolean; said: string }>;
}

function startCopy(file: string, source: TestDatabase, target: TestDatabase): Copy {
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin?.end(
    JSON.stringify({ source: source.uri("rec_io_installer", readerPassword), target: target.uri(), sourceName }),
  );
  const sent = new Set<string>();
  const done = new Set<string>();
  let finished = false;
  let said = "";
  let begins = (): void => {};
  const began = new Promise<void>((resolve) => {
    begins = resolve;
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (line) => {
    const space = line.indexOf(" ");
    const [word, what] = [line.slice(0, space), line.slice(space + 1)];
    if (word === "began") begins();
    else if (word === "sent") sent.add(what);
    else if (word === "done") done.add(what);
    else {
      said = what;
      if (word === "end") finished = (JSON.parse(what) as { failed: unknown[] }).failed.length === 0;
    }
  });
  const ended = new Promise<{ sent: Set<string>; done: Set<string>; finished: boolean; said: string }>((resolve) => {
    lines.once("close", () => {
      begins();
      resolve({ sent, done, finished, said });
    });
  });
  return { child, began, ended };
}

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

interface Round {
  struck: boolean;
  finishedBefore: number;
  sentAgain: number;
  why?: string;
}

/** One death at one moment, everything that may not be after it, and the copy brought to its end. */
async function round(sides: Sides, death: Death, atMs: number): Promise<Round> {
  const { source, truth } = sides;
  const target = await sides.server.database();
  const result: Round = { struck: false, finishedBefore: 0, sentAgain: 0 };
  try {
    await makeTarget(target);
    const first = startCopy(sides.child, source, target);
    await first.began;
    await new Promise((resolve) => setTimeout(resolve, atMs));
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
      const next = startCopy(sides.child, source, target);
      last = await next.ended;
      result.sentAgain += [...last.sent].filter((name) => known.has(name)).length;
    }
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
      const atMs = Math.round(chance() * wholeMs);
      const { struck, finishedBefore, sentAgain, why } = await round(sides, death, atMs);
      report.total++;
      report.byDeath[death]++;
      report.struck += struck ? 1 : 0;
      report.finishedBefore += finishedBefore;
      report.sentAgain += sentAgain;
      if (why === undefined) report.equal++;
      else report.faults.push({ round: report.total, death, atMs, why });
      say(`${report.total}: ${death} after ${atMs} ms with ${finishedBefore} tables finished: ${why ?? "equal"}`);
    }
    return report;
  } finally {
    child.remove();
    await source?.drop().catch(() => {});
    if (own) await Promise.all([here.stop(), there.stop()]);
  }
}
