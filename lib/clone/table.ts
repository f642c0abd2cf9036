import { z } from "zod";

/** The three schemas of system data (facts of the source, in the order in which they are copied). */
export const clonedSchemas = ["analytics", "historical_data", "live_data"] as const;

const column = z.object({
  name: z.string(),
  /** As format_type() writes it, `numeric(18,8)` for instance. */
  type: z.string(),
  /** The name of the type itself, of the elements where it is an array. */
  base: z.string(),
  builtIn: z.boolean(),
  typeKind: z.string(),
  notNull: z.boolean(),
  /** `a` always, `d` by default, or empty. */
  identity: z.enum(["a", "d", ""]),
  generated: z.boolean(),
  collation: z.string().nullable(),
  /** The source's own text of the default: shown and recognised, never run. */
  default: z.string().nullable(),
});
export type Column = z.infer<typeof column>;

const index = z.object({
  name: z.string(),
  primary: z.boolean(),
  unique: z.boolean(),
  method: z.string(),
  /** Only columns, no expression, no condition, the ordinary operator classes: it can be made again from names. */
  plain: z.boolean(),
  columns: z
    .array(z.object({ name: z.string(), descending: z.boolean(), nullsFirst: z.boolean() }))
    .nullable()
    .transform((columns) => columns ?? []),
});
export type Index = z.infer<typeof index>;

/** What a server's catalogue says of one table, as sql/clone/tables.sql asks it. */
export const catalogueTable = z.object({
  schema: z.string(),
  name: z.string(),
  /** `r` table, `p` partitioned, `v` view, `m` materialised view, `f` foreign table. */
  kind: z.string(),
  readable: z.boolean(),
  writable: z.boolean(),
  /** Bytes on disk without indexes. */
  bytes: z.number(),
  /** The planner's estimate; 0 where the table was never analysed. */
  rows: z.number(),
  rowSecurity: z.boolean(),
  columns: z.array(column),
  indexes: z.array(index),
});
export type CatalogueTable = z.infer<typeof catalogueTable>;

/** `schema.name`, for people and for keys of maps. */
export function fullName(table: Pick<CatalogueTable, "schema" | "name">): string {
  return `${table.schema}.${table.name}`;
}
