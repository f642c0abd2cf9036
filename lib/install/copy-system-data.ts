import { type CloneOptions, clone, inspect } from "../clone/clone.ts";
import { type CatalogueTable, clonedSchemas, fullName } from "../clone/table.ts";
import { grouped } from "../data/lookup-table.ts";
import type { Change, Job, Part, Undo } from "../engine/step.ts";
import { quoteName } from "../postgres/identifier.ts";
import { nothingThereYet } from "../postgres/roles/administrator.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { isProblem, Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";

/** Tables that were made, and tables that were there empty and were filled. */
export type CopyReceipt = { made: string[]; filled: string[] };

/** Tables that the copy would fill, hold rows, and were not filled by an earlier attempt; none before there is a database. */
export async function occupied({ postgres }: Pick<World, "postgres">): Promise<{ name: string; rows: number }[]> {
  if (await nothingThereYet(postgres)) return [];
  try {
    const [known] = await postgres.query<{ there: boolean }>(
      "app",
      "SELECT to_regclass('clone_state.copied') IS NOT NULL AS there",
    );
    const came = known?.there
      ? await postgres.query<{ name: string }>("app", "SELECT schema || '.' || name AS name FROM clone_state.copied")
      : [];
    const copied = new Set(came.map(({ name }) => name));
    const full = await postgres.query<{ name: string; rows: number }>("app", sqlFile("clone/occupied.sql"), [
      [...clonedSchemas],
    ]);
    return full.filter(({ name }) => !copied.has(name));
  } catch (thrown) {
    if (isProblem(thrown)) return [];
    throw thrown;
  }
}

/** To one digit: REC.IO may be writing meanwhile, and a consent is to words that stay the same. */
function about(rows: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(rows, 1))));
  return `about ${grouped(Math.round(rows / step) * step)} rows`;
}

/** What becomes of the rows that stand here, with both sides' counts. */
function fateOfRows(here: number, there: number | undefined, answer: "keep" | "replace"): string {
  const theirs = there === undefined ? "how many the source has is not known" : `the source has ${about(there)}`;
  return answer === "keep"
    ? `holds ${about(here)}; ${theirs}. It keeps its own`
    : `holds ${about(here)}; ${theirs}. Its own are kept under a dated name, and the source's take their place`;
}

/** What a copy is made with, apart from how it speaks. */
export interface Copying
  extends Pick<
    CloneOptions,
    "ends" | "sourceName" | "proof" | "visitor" | "withoutLog" | "keepAndReplace" | "leftOut"
  > {
  /** A source of our own making, whose role may do more than read. */
  trusted?: boolean;
  /** Done when the last row has come, whatever came of it. */
  afterwards?: () => Promise<void>;
}

/**
 * What becomes of the tables that hold rows.
 * @param tablesThere the source's tables, where they can be asked for; asked only where there is something to tell
 */
export async function occupiedChanges(
  world: Pick<World, "postgres">,
  answer: "keep" | "replace",
  tablesThere: () => Promise<readonly CatalogueTable[] | undefined> = async () => undefined,
): Promise<Change[]> {
  const full = await occupied(world);
  const theirs = full.length > 0 ? await tablesThere() : undefined;
  return full.flatMap(({ name, rows }) => {
    const there = theirs?.find((table) => fullName(table) === name);
    // What the source does not have is not touched.
    if (theirs && !there) return [];
    return [{ what: "rows" as const, target: name, detail: fateOfRows(rows, there?.rows, answer) }];
  });
}

/** Copies every table that comes, each compared before it is put in place. @throws Problem where one did not come. */
export async function copySystemData(copying: Copying, job: Job<CopyReceipt>): Promise<CopyReceipt> {
  const receipt: CopyReceipt = { made: [], filled: [] };
  const { trusted = false, afterwards, ...options } = copying;
  const inspected = await inspect(options.ends, options.sourceName, { trusted, signal: job.signal });
  const fills = new Set(inspected.plan.fates.filter(({ kind }) => kind === "fill").map(({ table }) => fullName(table)));
  for (const note of inspected.plan.notes) job.log(note);
  job.log(options.proof === "deep" ? "Contents are hashed at both ends." : "What is stored is read back and compared.");
  let spent = Promise.resolve();
  const end = await clone(inspected, {
    ...options,
    signal: job.signal,
    log: (line) => job.log(line),
    outline(tables) {
      const megabytes = tables.reduce((sum, { size }) => sum + size, 0) / 1e6;
      const parts = tables.map(({ name, size }) => partOf(name, size, "waiting"));
      job.progress(0, Math.max(1, Math.round(megabytes)), "MB", `0 of ${tables.length} tables`, parts);
    },
    progress(progress, event, table) {
      if (event.kind === "done") {
        (fills.has(event.table) ? receipt.filled : receipt.made).push(event.table);
        const soFar = structuredClone(receipt);
        spent = spent.then(() => job.spent(soFar));
      }
      const note =
        event.kind === "silence"
          ? `nothing received for ${event.seconds} s`
          : `${progress.tablesDone} of ${progress.tables} tables`;
      const expected = Math.max(1, Math.round(progress.bytesExpected / 1e6));
      const parts = table ? [partOf(table.name, table.size, table.state, table.received)] : [];
      job.progress(Math.round(progress.bytes / 1e6), expected, "MB", note, parts);
    },
  });
  await spent;
  await afterwards?.();
  for (const says of end.skipped) job.log(says);
  if (end.failed.length > 0)
    throw new Problem({
      code: "clone.tables-missing",
      says: `${end.failed.length} of ${end.failed.length + end.copied.length + end.recorded.length} tables did not come: ${end.failed[0]?.says}`,
      remedy: sentence("Go on: the tables that came are not sent again."),
      evidence: { asked: "a copy of every table", cameBack: end.failed.map(({ table }) => table).join(", ") },
    });
  const moments = end.snapshots.length === 1 ? "one snapshot" : `${end.snapshots.length} snapshots`;
  job.log(`${grouped(end.rows)} rows in ${end.copied.length + end.recorded.length} tables, of ${moments}.`);
  return receipt;
}

/** Takes back what was copied, and nothing else. */
export const copyUndo: Undo<"postgres", CopyReceipt> = {
  async takeBack({ postgres }, receipt) {
    for (const name of receipt.made) await postgres.query("app", `DROP TABLE IF EXISTS ${place(name)}`);
    for (const name of receipt.filled) await postgres.query("app", `TRUNCATE ${place(name)}`);
    await postgres.query("app", "DROP SCHEMA IF EXISTS clone_state CASCADE");
  },
};

/** The first dot parts schema and name: the schemas are ours to name, and hold none. */
function place(name: string): string {
  const dot = name.indexOf(".");
  return quoteName(name.slice(0, dot), name.slice(dot + 1));
}

/** A table as a piece of the picture; sizes in kB, so that small ones are not all alike. */
function partOf(name: string, bytes: number, state: Part["state"], received?: number): Part {
  const dot = name.indexOf(".");
  return {
    id: name.slice(dot + 1),
    group: name.slice(0, dot),
    size: Math.max(1, Math.round(bytes / 1000)),
    state,
    ...(state === "flowing" && received !== undefined ? { done: Math.round(received / 1000) } : {}),
  };
}
