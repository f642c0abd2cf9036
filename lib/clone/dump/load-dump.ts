import type pg from "pg";
import type { Files } from "../../machine/machine.ts";
import { copyIn } from "../../postgres/connection/copy-in.ts";
import { quoteIdentifier } from "../../postgres/identifier.ts";
import { clonedSchemas } from "../table.ts";
import { judgeStatement, schemaOf } from "./allowed.ts";
import { damagedDump, dumpProblem } from "./dump-file.ts";
import { NoScript, readScript } from "./read-script.ts";

/** What came of a script in the scratch database. */
export interface LoadedDump {
  /** Statements that were run, and rows that came. */
  ran: number;
  rows: number;
  /** Statements that were passed over, and commands of psql that nobody ran. */
  skipped: number;
  commands: number;
  /** Schemas that are in it and are none of system data. */
  others: string[];
  /** The first refusals of the server, in its words. */
  refused: string[];
}

const mostRefused = 5;
const known: ReadonlySet<string> = new Set(clonedSchemas);

/**
 * Fills a scratch database from the text of a dump: only what makes tables and their rows is run. A table that the server
 * refuses to make (a type of somebody's own, an extension) is left out, and told.
 * @throws Problem `dump.damaged` where the text ends in its middle or a table's rows do not fit it, `dump.wrong-format`
 *   where there is nothing of a dump in it.
 */
export async function loadDump(
  client: pg.Client,
  files: Pick<Files, "chunks">,
  script: string,
  path: string,
  signal: AbortSignal,
): Promise<LoadedDump> {
  const loaded: LoadedDump = { ran: 0, rows: 0, skipped: 0, commands: 0, others: [], refused: [] };
  // An archive of which only these schemas were taken does not make them.
  for (const schema of clonedSchemas) await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
  await client.query("SET statement_timeout = '30min'; SET client_encoding = 'UTF8'");
  try {
    for await (const piece of readScript(files.chunks(script))) {
      signal.throwIfAborted();
      if (piece.kind === "command") {
        loaded.commands += 1;
        continue;
      }
      const text = piece.text.replace(/^CREATE SCHEMA (?!IF NOT)/i, "CREATE SCHEMA IF NOT EXISTS ");
      const schema = schemaOf(text);
      if (schema !== undefined && !known.has(schema)) {
        if (!loaded.others.includes(schema)) loaded.others.push(schema);
        loaded.skipped += 1;
        continue;
      }
      const verdict = judgeStatement(text);
      if (typeof verdict === "object")
        throw dumpProblem(
          "other-encoding",
          `The backup ${path} cannot be read: ${verdict.refuse}.`,
          "Make it again in UTF8.",
        );
      if (verdict === "skip") {
        loaded.skipped += 1;
        continue;
      }
      try {
        if (piece.kind === "rows") loaded.rows += await copyIn(client, text, piece.rows);
        else await client.query(text);
        loaded.ran += 1;
      } catch (thrown) {
        const { code, message } = thrown as { code?: string; message: string };
        if (thrown instanceof NoScript || code === undefined || /^(08|57|53)/.test(code)) throw thrown;
        // Data that is not what its table holds: a file whose bytes were changed on the way.
        if (/^22/.test(code)) throw damagedDump(path, message);
        if (loaded.refused.length < mostRefused) loaded.refused.push(message);
      }
    }
  } catch (thrown) {
    if (thrown instanceof NoScript) throw damagedDump(path, thrown.message);
    throw thrown;
  }
  if (loaded.rows === 0 && loaded.others.length > 0)
    throw dumpProblem(
      "other-schema",
      `The backup ${path} holds no rows of ${clonedSchemas.join(", ")}; what it holds is of ${loaded.others.slice(0, 5).join(", ")}.`,
      "Name a backup of REC.IO's database. Nothing was changed in the database.",
    );
  if (loaded.rows === 0)
    throw dumpProblem(
      "no-rows",
      `The backup ${path} holds no rows.`,
      "Name another file. Nothing was changed in the database.",
    );
  return loaded;
}
