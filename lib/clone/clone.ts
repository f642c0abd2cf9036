import type pg from "pg";
import { streamOf } from "../postgres/connection/tidy-client.ts";
import { quoteName } from "../postgres/identifier.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { isProblem, Problem, sentence } from "../problem.ts";
import { Estimate, type Progress, type TableProgress } from "./estimate.ts";
import type { CopiedTable, Proof } from "./load.ts";
import { planTransfer, type TransferPlan } from "./plan-transfer.ts";
import { AccessLogLine, type Visitor } from "./source/access-log.ts";
import { refuseSource, type SourceFacts, sourceFacts } from "./source/facts.ts";
import { type CatalogueTable, catalogueTable, clonedSchemas, fullName } from "./table.ts";
import { keepAside, type Recorded, recordedAt } from "./target.ts";
import { type Ends, type TableEvent, Transfer } from "./transfer.ts";
import { unlessAborted, within } from "./unless-aborted.ts";
import { ServerRefusal } from "./wire/messages.ts";
import { Wire } from "./wire/wire.ts";

/** Both ends as they are before a copy, and what the copy would do. */
export interface Inspected {
  facts: SourceFacts;
  plan: TransferPlan;
  /** Put in place by an earlier attempt from this source, and still there: not sent again. */
  recorded: Recorded[];
  /** Tables of the target that hold rows which no copy recorded: both counts, the source's estimated. */
  occupied: { table: string; here: number; there: number }[];
  targetMajor: number;
}

/** What a copy came to. */
export interface CloneEnd {
  copied: CopiedTable[];
  recorded: Recorded[];
  failed: { table: string; says: string }[];
  skipped: string[];
  notes: string[];
  /** Moments of the source, one for each snapshot that the tables now come from. */
  snapshots: string[];
  rows: number;
  bytes: number;
  proof: Proof;
  logged: boolean;
}

export interface CloneOptions {
  ends: Ends;
  sourceName: string;
  proof: Proof;
  /** Who is written into the source's access log; nobody where the source is a file of the person's own. */
  visitor?: Visitor;
  /** The person agreed to go on where the source takes no line in its access log. */
  withoutLog: boolean;
  /** The person agreed that tables which hold rows are kept under a dated name and replaced. */
  keepAndReplace: boolean;
  /** What is known to be missing at the source itself, in sentences. */
  leftOut?: readonly string[];
  lanes?: number;
  signal?: AbortSignal;
  log(line: string): void;
  /** The tables that will be sent, before the first of them flows. */
  outline?(tables: readonly { name: string; size: number }[]): void;
  /** `table` is the one that the event is about, as it stands now. */
  progress(progress: Progress, event: TableEvent, table: TableProgress | undefined): void;
}

/** How long a connection's goodbye may take: on a link that stalls it is never answered. */
const goodbyeMs = 1000;
/** How long the last line in the access log is waited for; a person who cancels waits less. */
const lastLineMs = { usual: 10_000, cancelled: 1000 };

/** How much may come before it is told. */
const tellEveryBytes = 256 * 1024;

async function tablesOf(client: pg.Client): Promise<CatalogueTable[]> {
  const { rows } = await client.query(sqlFile("clone/tables.sql"), [[...clonedSchemas]]);
  return rows.map((row) => catalogueTable.parse(row));
}

/** The tables of a source, as its catalogue says. */
export async function tablesAt(open: () => Promise<pg.Client>): Promise<CatalogueTable[]> {
  const client = await open();
  try {
    return await tablesOf(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Looks at both ends and changes nothing.
 * @param trusted a source of our own that may be read by anybody, its superuser too: for measuring
 * @throws Problem `source.…` where the source is none to copy from.
 */
export function inspect(
  ends: Ends,
  sourceName: string,
  { trusted = false, signal }: { trusted?: boolean; signal?: AbortSignal } = {},
): Promise<Inspected> {
  return unlessAborted(lookAtBoth(ends, sourceName, trusted, signal), signal);
}

async function lookAtBoth(
  ends: Ends,
  sourceName: string,
  trusted: boolean,
  signal: AbortSignal | undefined,
): Promise<Inspected> {
  const source = await ends.source();
  const target = await ends.target();
  // Cancelled, nobody waits for this any more: what is open is dropped, whatever it was asked.
  const drop = () => {
    for (const client of [source, target]) streamOf(client).destroy();
  };
  if (signal?.aborted) drop();
  signal?.addEventListener("abort", drop, { once: true });
  try {
    const facts = sourceFacts.parse(
      (await source.query(sqlFile("clone/source-facts.sql"), [[...clonedSchemas]])).rows[0],
    );
    if (!trusted) refuseSource(facts);
    const [theirs, ours] = await Promise.all([tablesOf(source), tablesOf(target)]);
    const plan = planTransfer(theirs, ours);
    const recorded = await recordedAt(target, sourceName);
    const known = new Set(recorded.map(fullName));
    const occupied: Inspected["occupied"] = [];
    for (const { table } of plan.fates.filter(({ kind, table }) => kind === "fill" && !known.has(fullName(table)))) {
      const count = await target.query(`SELECT count(*)::float8 AS rows FROM ${quoteName(table.schema, table.name)}`);
      const here = Number(count.rows[0]?.rows);
      if (here > 0) occupied.push({ table: fullName(table), here, there: table.rows });
    }
    const { rows } = await target.query("SELECT current_setting('server_version_num')::int / 10000 AS major");
    return { facts, plan, recorded, occupied, targetMajor: Number(rows[0]?.major) };
  } finally {
    signal?.removeEventListener("abort", drop);
    // Nobody waits for the goodbyes: on a slow link they cost a round trip.
    void within(Promise.all([source.end(), target.end()]), goodbyeMs).then((ended) => ended || drop());
  }
}

/** What a whole copy fails with, in a person's words. */
function cloneProblem(thrown: unknown): unknown {
  if (isProblem(thrown) || !(thrown instanceof ServerRefusal)) return thrown;
  if (thrown.code === "53100")
    return new Problem({
      code: "clone.disk-full",
      says: "The target's disk is full, so the copy stopped. Tables that were finished stay.",
      remedy: sentence("Make room on the disk, and go on: finished tables are not sent again."),
      evidence: { asked: "COPY … FROM STDIN", cameBack: thrown.message },
    });
  return new Problem({
    code: "clone.refused",
    says: `The copy stopped: ${thrown.message}.`,
    remedy: sentence("Mend what the server says, and go on: finished tables are not sent again."),
  });
}

/** Opens the line in the access log. @throws Problem `source.log-refused` where the person has not agreed to do without. */
async function beginLog(inspected: Inspected, options: CloneOptions): Promise<AccessLogLine | undefined> {
  const refused = (why: string): undefined => {
    if (options.withoutLog) {
      options.log(`The source's access log takes no line: ${why}. You agreed to go on without it.`);
      return undefined;
    }
    throw new Problem({
      code: "source.log-refused",
      says: `The source's access log takes no line: ${why}.`,
      remedy: sentence(
        "Agree to copy without a line in the log, or ask the source's administrator to run what `npm run source -- sql` prints.",
      ),
    });
  };
  const { log } = inspected.facts;
  const { visitor } = options;
  if (!visitor) return undefined;
  if (!log.there) return refused("there is no system.installation_access_log that the role can see");
  if (!log.insert) return refused("the role may not add to it");
  const connect = async () => new Wire(await options.ends.source());
  try {
    return await AccessLogLine.begin(connect, visitor, clonedSchemas);
  } catch (thrown) {
    if (thrown instanceof ServerRefusal && thrown.code === "53100")
      throw new Problem({
        code: "source.disk-full",
        says: "The source's disk is full, so its access log takes no line, and nothing was copied.",
        remedy: sentence("Make room on the disk of the source, and go on."),
        evidence: { asked: "a line in system.installation_access_log", cameBack: thrown.message },
      });
    return refused(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * Copies system data from a source into the target, whole tables at a time, each proven before it is put in place. What
 * an earlier attempt finished is not sent again. The visit is written into the source's access log, also where it fails.
 */
export async function clone(inspected: Inspected, options: CloneOptions): Promise<CloneEnd> {
  const { ends, signal } = options;
  const { plan, recorded, occupied } = inspected;
  const began = performance.now();
  const done = new Set(recorded.map(fullName));
  const held = new Map(occupied.map((line) => [line.table, line]));
  const skipped = plan.fates.flatMap((fate) => (fate.kind === "skip" ? [fate.says] : []));
  skipped.push(...(options.leftOut ?? []));
  const wanted = plan.fates.filter((fate) => fate.kind !== "skip" && !done.has(fullName(fate.table)));
  const going = wanted.filter(({ table }) => options.keepAndReplace || !held.has(fullName(table)));
  for (const { table } of wanted.filter((fate) => !going.includes(fate))) {
    const counts = held.get(fullName(table));
    skipped.push(
      `${fullName(table)} keeps its ${counts?.here} rows; the source has about ${Math.round(counts?.there ?? 0)}.`,
    );
  }
  const begun = beginLog(inspected, options);
  const line = await unlessAborted(begun, signal).catch((thrown) => {
    begun.then((late) => late?.close()).catch(() => {});
    throw thrown;
  });
  const sizes = going.map(({ table }) => ({ name: fullName(table), size: table.bytes }));
  const estimate = new Estimate(sizes);
  options.outline?.(sizes);
  let rows = 0;
  let tables = 0;
  let untold = 0;
  const told = new Set<string>();
  const on = (event: TableEvent): void => {
    if (event.kind === "bytes") estimate.received(event.table, event.bytes);
    else if (event.kind === "again") estimate.again(event.table);
    else if (event.kind === "failed") estimate.failed(event.table);
    else if (event.kind === "done") {
      estimate.done(event.table, event.copied.rows);
      rows += event.copied.rows;
      tables++;
      options.log(`${event.table}: ${event.copied.rows} rows, equal`);
      // The line is only for information; the end of the visit says it again.
      if (tables % 20 === 0) line?.progress(tables, rows).catch(() => {});
    }
    // Every piece is counted, and told of only now and then: what is told costs more than the piece itself.
    if (event.kind === "bytes") {
      untold += event.bytes;
      if (untold < tellEveryBytes && told.has(event.table)) return;
      untold = 0;
      told.add(event.table);
    }
    options.progress(estimate.now(), event, "table" in event ? estimate.table(event.table) : undefined);
  };
  const target = await ends.target();
  try {
    await target.query(sqlFile("clone/state.sql"));
    await target.query("DELETE FROM clone_state.finished WHERE source = $1", [options.sourceName]);
    const kept = await keepAside(
      target,
      going.map(({ table }) => table).filter((table) => held.has(fullName(table))),
    );
    for (const sentence of kept) options.log(sentence);
    const end = await new Transfer({
      ends,
      tables: going.map(({ table }) => table),
      existing: new Set(going.filter(({ kind }) => kind === "fill").map(({ table }) => fullName(table))),
      proof: options.proof,
      sameMajor: Math.trunc(inspected.facts.versionNumber / 10_000) === inspected.targetMajor,
      sourceName: options.sourceName,
      ...(options.lanes ? { lanes: options.lanes } : {}),
      ...(signal ? { signal } : {}),
      on,
    }).run();
    const all = await recordedAt(target, options.sourceName);
    const failed = end.failed.length > 0;
    if (!failed)
      await target.query("INSERT INTO clone_state.finished (source, left_out) VALUES ($1, $2)", [
        options.sourceName,
        skipped,
      ]);
    const says = failed ? end.failed.map((one) => one.says).join(" ") : undefined;
    const seconds = (performance.now() - began) / 1000;
    const ended = line?.end(failed ? "failed" : "completed", tables, rows, seconds, says);
    if (ended && !(await within(ended, lastLineMs.usual)))
      options.log("The line in the source's access log could not be brought up to date at the end.");
    return {
      copied: end.copied,
      recorded,
      failed: end.failed,
      skipped,
      notes: plan.notes,
      snapshots: [...new Set(all.map(({ snapshotAt }) => snapshotAt))].sort(),
      rows: all.reduce((sum, each) => sum + each.rows, 0),
      bytes: all.reduce((sum, each) => sum + each.bytes, 0),
      proof: options.proof,
      logged: line !== undefined,
    };
  } catch (thrown) {
    const problem = cloneProblem(thrown);
    const message = problem instanceof Error ? problem.message : String(problem);
    const ended = line?.end("failed", tables, rows, (performance.now() - began) / 1000, message);
    if (ended) await within(ended, signal?.aborted ? lastLineMs.cancelled : lastLineMs.usual);
    throw problem;
  } finally {
    line?.close();
    if (!(await within(target.end(), goodbyeMs))) streamOf(target).destroy();
  }
}
