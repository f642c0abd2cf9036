import { z } from "zod";
import { notCarried } from "../../clone/definition.ts";
import { type CatalogueTable, catalogueTable } from "../../clone/table.ts";

/** One table as it stands in a backup: what it is, and the file with its rows. */
export const tableKept = z.object({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.number().int(),
  /** Over all values as text, whatever the order of the rows. */
  hash: z.string(),
  /** In the text form of COPY, compressed by gzip. */
  file: z.string(),
  definition: catalogueTable,
});
export type TableKept = z.infer<typeof tableKept>;

/** The database of a backup. */
export const databaseKept = z.object({
  /** "18.1". */
  server: z.string(),
  tables: z.array(tableKept),
  /** What is not in it, in sentences. */
  leftOut: z.array(z.string()),
  /** What else than tables there was (views, functions, rights), and who wrote it down: a sentence. */
  definitions: z.string(),
});
export type DatabaseKept = z.infer<typeof databaseKept>;

/** A table as it can be made again anywhere: a column of a type that somebody made is text. */
export function portable(table: CatalogueTable, columns: readonly { name: string; type: string }[]): CatalogueTable {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return {
    ...table,
    columns: table.columns.map((column) =>
      notCarried(column)
        ? { ...column, type: types.get(column.name) ?? "text", base: "text", builtIn: true, default: null }
        : column,
    ),
  };
}
