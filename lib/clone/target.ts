import type pg from "pg";
import { quoteIdentifier, quoteLiteral, quoteName } from "../postgres/identifier.ts";
import { sqlFile } from "../postgres/sql-file.ts";
import { countedColumns } from "./definition.ts";
import type { CopiedTable } from "./load.ts";
import type { CatalogueTable } from "./table.ts";

/** A table that an earlier attempt put in place, as clone_state.copied has it. */
export interface Recorded extends Omit<CopiedTable, "columns"> {
  snapshotAt: string;
  source: string;
}

/** What was copied from the source of that name and is still there. */
export async function recordedAt(target: pg.Client, source: string): Promise<Recorded[]> {
  const there = await target.query("SELECT to_regclass('clone_state.copied') IS NOT NULL AS there");
  if (!there.rows[0]?.there) return [];
  const { rows } = await target.query(sqlFile("clone/recorded.sql"), [source]);
  return rows as Recorded[];
}

/**
 * The columns that rows are found by: their values are what a planner has to know of. A table of eighty columns of numbers
 * is otherwise longer analysed than filled.
 */
function searchedBy({ columns, indexes }: CatalogueTable): string {
  const known = new Set(columns.map(({ name }) => name));
  const names = new Set(
    indexes.flatMap((index) => index.columns.map(({ name }) => name)).filter((name) => known.has(name)),
  );
  return names.size === 0 ? "" : ` (${[...names].map(quoteIdentifier).join(", ")})`;
}

/**
 * Statements after the rows of a table: counters continue after the largest value that came, and the planner learns what
 * the table holds.
 */
export function settle(table: CatalogueTable): string[] {
  const place = quoteName(table.schema, table.name);
  const counters = countedColumns(table).map(({ name }) => {
    const words: Record<string, string> = {
      PLACE_NAME: place,
      PLACE_TEXT: quoteLiteral(place),
      COLUMN_NAME: quoteIdentifier(name),
      COLUMN_TEXT: quoteLiteral(name),
    };
    return sqlFile("clone/continue-counter.sql").replaceAll(
      /(PLACE|COLUMN)_(NAME|TEXT)/g,
      (word) => words[word] ?? word,
    );
  });
  return [...counters, `ANALYZE ${place}${searchedBy(table)}`];
}

/** Rows that nobody copied are kept under a dated name, and an empty table of the same shape takes their place. */
export async function keepAside(target: pg.Client, tables: readonly CatalogueTable[]): Promise<string[]> {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  const said: string[] = [];
  for (const { schema, name } of tables) {
    const keptAs = `${name.slice(0, 45)}_before_${day}`;
    const [place, aside] = [quoteName(schema, name), quoteName(schema, keptAs)];
    await target.query(
      `BEGIN; ALTER TABLE ${place} RENAME TO ${quoteName(keptAs)}; CREATE TABLE ${place} (LIKE ${aside} INCLUDING ALL); COMMIT`,
    );
    said.push(`${schema}.${name} had rows: they are kept as ${schema}.${keptAs}.`);
  }
  return said;
}
