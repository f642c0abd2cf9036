import { join } from "node:path";
import { z } from "zod";
import { clone, inspect } from "../../clone/clone.ts";
import { linkIsSafe, sourceConnections, sourceName } from "../../clone/source/connect.ts";
import { searchForPassword } from "../../clone/source/password-search.ts";
import { clonedSchemas, fullName } from "../../clone/table.ts";
import { targetConnections } from "../../clone/target-connections.ts";
import { grouped } from "../../data/lookup-table.ts";
import { type Change, type Part, type Step, step } from "../../engine/step.ts";
import { systemDataProbe } from "../../health/probes/data/system-data.ts";
import { projectRoot } from "../../paths.ts";
import { quoteName } from "../../postgres/identifier.ts";
import { nothingThereYet } from "../../postgres/roles/administrator.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type SourceAnswer = Extract<Answers["data"], { kind: "source" }>;

/** Tables that were made, and tables that were there empty and were filled. */
type Receipt = { made: string[]; filled: string[] };

/** Which tables that the copy would fill hold rows now; none before there is a database. */
async function occupied({ postgres }: Pick<World, "postgres">): Promise<{ name: string; rows: number }[]> {
  if (await nothingThereYet(postgres)) return [];
  try {
    return await postgres.query<{ name: string; rows: number }>("app", sqlFile("clone/occupied.sql"), [
      [...clonedSchemas],
    ]);
  } catch (thrown) {
    if (isProblem(thrown)) return [];
    throw thrown;
  }
}

/**
 * Copies the system data from the remote source, table by table, each proven before it is put in place. Another attempt
 * goes on where the last one ended.
 */
export function cloneSystemData(
  answer: SourceAnswer,
  person: Answers["person"],
): Step<"postgres" | "paths" | "machine", Receipt> {
  const source = sourceName(answer);
  return step({
    id: "clone-system-data",
    title: "Copy the system data",
    why: "REC.IO's probabilities rest on these tables; a part of them gives wrong numbers with a green light.",
    probes: [systemDataProbe(source)],

    async describe(world): Promise<Change[]> {
      const changes: Change[] = clonedSchemas.map((schema) => ({
        what: "rows",
        target: schema,
        detail: `every table that ${answer.user} can read at ${source}, compared before it is put in place`,
      }));
      changes.push({
        what: "sql",
        target: "clone_state.copied",
        detail: "which tables were copied, from when, with which checksum",
      });
      changes.push({
        what: "rows",
        target: `system.installation_access_log at ${source}`,
        detail: `a line about this copy: ${person.userId}, ${person.fullName}, ${person.email}, and the address from which it came`,
      });
      for (const { name, rows } of await occupied(world))
        changes.push({
          what: "rows",
          target: name,
          detail:
            answer.occupied === "keep"
              ? `holds about ${grouped(rows)} rows and keeps them`
              : `holds about ${grouped(rows)} rows, which are kept under a dated name; the source's take their place`,
        });
      return changes;
    },

    async run(world, job): Promise<Receipt> {
      const receipt: Receipt = { made: [], filled: [] };
      const ends = {
        source: sourceConnections(answer, () => job.secrets.sourcePassword, world.machine),
        target: targetConnections(world),
      };
      const inspected = await inspect(ends, source);
      const fills = new Set(
        inspected.plan.fates.filter(({ kind }) => kind === "fill").map(({ table }) => fullName(table)),
      );
      for (const note of inspected.plan.notes) job.log(note);
      const proof = answer.verify === "deep" || !linkIsSafe(answer) ? "deep" : "stored";
      job.log(proof === "deep" ? "Contents are hashed at both ends." : "What is stored is read back and compared.");
      const version = await ownVersion(world.machine);
      let spent = Promise.resolve();
      const end = await clone(inspected, {
        ends,
        sourceName: source,
        proof,
        visitor: {
          userId: person.userId,
          name: person.fullName,
          email: person.email,
          agent: `rec-io-setup ${version}`,
          version,
        },
        withoutLog: answer.withoutLog,
        keepAndReplace: answer.occupied === "replace",
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
      await passwordIsGone(world, job.secrets.sourcePassword, (line) => job.log(line));
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
    },

    undo: {
      async takeBack({ postgres }, receipt) {
        for (const name of receipt.made) await postgres.query("app", `DROP TABLE IF EXISTS ${place(name)}`);
        for (const name of receipt.filled) await postgres.query("app", `TRUNCATE ${place(name)}`);
        await postgres.query("app", "DROP SCHEMA IF EXISTS clone_state CASCADE");
      },
    },
  });
}

/** The version of this product, as package.json has it. */
async function ownVersion({ files }: World["machine"]): Promise<string> {
  const text = await files.read(join(projectRoot(), "package.json"));
  return z.object({ version: z.string() }).parse(JSON.parse(text ?? "{}")).version;
}

/** The copy is over, and its password only in this process's memory: it is looked for everywhere else. @throws Problem */
async function passwordIsGone(
  world: Pick<World, "paths" | "machine">,
  password: string | undefined,
  log: (line: string) => void,
): Promise<void> {
  if (!password) return;
  const searched = await searchForPassword(world, password);
  if (searched === "tooShort") return log("The source's password is too short to be looked for in files.");
  const large =
    searched.notSearched.length === 0 ? "" : `; ${searched.notSearched.length} are too large to be searched`;
  log(`The source's password was looked for in ${searched.files} files of this product's, and stands in none${large}.`);
}

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
