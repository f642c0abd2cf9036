import type { Statement } from "../../checkout/statements/read-statements.ts";
import type { Change, ObjectState } from "../../engine/step.ts";
import { quoteIdentifier, quoteName } from "../identifier.ts";
import { compare, type Difference, type Owners, schemaOwner, tableOwner } from "./compare.ts";
import { contract, contractSchemas, contractSources } from "./contract.ts";
import type { FoundObjects } from "./introspect.ts";
import { type Rebuilding, rebuildings } from "./rebuild.ts";

const dotted = (title: string) => quoteName(...title.split("."));

/** The statement that mends a difference, as it would be run. */
function sqlFor(difference: Difference, owners: Owners): string {
  const { kind, object, table, owner, columns = [] } = difference;
  const column = table?.columns.find(({ name }) => name === difference.column);
  const alter = `ALTER TABLE ${dotted(table?.title ?? object)}`;
  const name = quoteIdentifier(difference.column ?? "-");
  const keys = columns.map(quoteIdentifier).join(", ");
  switch (kind) {
    case "schema-missing":
      return `CREATE SCHEMA ${quoteIdentifier(object)} AUTHORIZATION ${quoteIdentifier(schemaOwner(object, owners))}`;
    case "schema-owner":
      return `ALTER SCHEMA ${quoteIdentifier(object)} OWNER TO ${quoteIdentifier(owner ?? "")}`;
    case "table-missing":
      return `CREATE TABLE ${dotted(object)} (${table?.columns.length} columns), owned by ${table ? tableOwner(table, owners) : ""}`;
    case "table-owner":
      return `${alter} OWNER TO ${quoteIdentifier(owner ?? "")}`;
    case "column-missing":
      return `${alter} ADD COLUMN ${name} ${column?.type}${column?.default ? ` DEFAULT ${column.default}` : ""}`;
    case "column-narrow":
      return `${alter} ALTER COLUMN ${name} TYPE ${column?.type}`;
    case "default-missing":
    case "default-differs":
      return `${alter} ALTER COLUMN ${name} SET DEFAULT ${column?.default}`;
    case "value-demanded":
      return `${alter} ALTER COLUMN ${name} DROP NOT NULL`;
    case "primary-key-missing":
      return `${alter} ADD PRIMARY KEY (${keys})`;
    case "unique-missing":
      return `${alter} ADD UNIQUE (${keys})`;
    default:
      return "";
  }
}

function rebuildSql({ table, aside, carried }: Rebuilding): string {
  const columns = carried.map(({ name }) => name).join(", ");
  const rows =
    carried.length > 0
      ? `INSERT INTO ${dotted(table.title)} (${columns}) SELECT … FROM ${quoteName(table.schema, aside)}`
      : "its rows stay in the old one only, for REC.IO could not read them";
  return `ALTER TABLE ${dotted(table.title)} RENAME TO ${quoteIdentifier(aside)}; CREATE TABLE ${dotted(table.title)} (${table.columns.length} columns); ${rows}`;
}

/** Everything that would be changed to bring what was found to the contract, in the order in which it happens. Pure. */
export function changesFor(found: FoundObjects, owners: Owners, today: string): Change[] {
  const differences = compare(found, owners);
  const rebuilt = new Map(rebuildings(differences, found, today).map((one) => [one.table.title, one]));
  const told = new Set<string>();
  return differences.flatMap((difference): Change[] => {
    const title = difference.table?.title ?? "";
    const rebuilding = difference.kind === "table-owner" ? undefined : rebuilt.get(title);
    if (difference.owner !== undefined) {
      const detail = `belongs to ${difference.found}: OWNER TO ${difference.owner}`;
      return [{ what: "sql", target: difference.object, detail }];
    }
    if (!rebuilding) return [{ what: "sql", target: difference.object, detail: sqlFor(difference, owners) }];
    if (told.has(title)) return [];
    told.add(title);
    return [{ what: "sql", target: title, detail: rebuildSql(rebuilding) }];
  });
}

/**
 * The tables whose rows are written down before anything is changed: what belongs to the person and is touched at all,
 * and what came from elsewhere where it is made anew. Pure.
 */
export function tablesToKeep(found: FoundObjects, owners: Owners, today: string): string[] {
  const differences = compare(found, owners);
  const rebuilt = new Set(rebuildings(differences, found, today).map(({ table }) => table.title));
  const touched = differences.flatMap(({ table, kind }) => (table && kind !== "table-missing" ? [table] : []));
  const kept = touched.filter(({ schema, title }) => schema === "users" || schema === "system" || rebuilt.has(title));
  return [...new Set(kept.map(({ title }) => title))];
}

/** A statement of the checkout with the place where it stands. */
type Placed = Pick<Statement, "sql" | "file" | "line">;

const placesAtMost = 4;

/**
 * Where the checkout's own statements use a table or a column of it. Where none does or they cannot be read, the lines of
 * the commit that the contract was derived from.
 */
function neededBy(statements: readonly Placed[], title: string, column?: string): string {
  const table = new RegExp(`(?<![\\w.])${title.replaceAll(".", '"?\\."?')}(?!\\w)`, "i");
  const name = column === undefined ? undefined : new RegExp(`(?<!\\w)${column.replaceAll(/\W/g, "\\$&")}(?!\\w)`, "i");
  const own = statements.filter(({ sql }) => table.test(sql) && (name === undefined || name.test(sql)));
  if (own.length > 0)
    return [...new Set(own.map(({ file, line }) => `${file}:${line}`))].slice(0, placesAtMost).join(" ");
  const evidence = contractSources[title]?.evidence ?? {};
  if (column !== undefined) return evidence[column] ?? "";
  const all = new Set(Object.values(evidence).flatMap((places) => places.match(/\S+:\d+/g) ?? []));
  return [...all].slice(0, placesAtMost).join(" ");
}

/** Every schema, table and faulty column of the contract as it stands, with the code that needs it and what mends it. Pure. */
export function surveyOf(
  found: FoundObjects,
  owners: Owners,
  today: string,
  statements: readonly Placed[] = [],
): ObjectState[] {
  const differences = compare(found, owners);
  const rebuilt = new Map(rebuildings(differences, found, today).map((one) => [one.table.title, one]));
  const stateOf = (difference: Difference): ObjectState => {
    const needed = difference.table ? neededBy(statements, difference.table.title, difference.column) : "";
    const rebuilding = rebuilt.get(difference.table?.title ?? "");
    return {
      name: difference.object,
      is: difference.kind.endsWith("-missing") ? "missing" : "wrong",
      says: difference.says,
      ...(needed ? { neededBy: needed } : {}),
      mend: rebuilding && difference.kind !== "table-owner" ? rebuildSql(rebuilding) : sqlFor(difference, owners),
    };
  };
  return contractSchemas.flatMap((schema) => {
    const own = differences.filter(({ object }) => object === schema);
    const head: ObjectState[] = own.length > 0 ? own.map(stateOf) : [{ name: schema, is: "there" }];
    const tables = contract
      .filter((table) => table.schema === schema)
      .flatMap((table): ObjectState[] => {
        const wrong = differences.filter((one) => one.table === table);
        return wrong.length > 0 ? wrong.map(stateOf) : [{ name: table.title, is: "there" }];
      });
    return [...head, ...tables];
  });
}
