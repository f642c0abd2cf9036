import type { PostgresTarget } from "../postgres.ts";
import { type ContractTable, contract, contractSchemas } from "./contract.ts";
import type { FoundObjects, FoundTable } from "./introspect.ts";
import { accepts, hasDefault, sameDefault, widens } from "./types.ts";

export type DifferenceKind =
  | "schema-missing"
  | "schema-owner"
  | "table-missing"
  | "not-a-table"
  | "table-owner"
  | "column-missing"
  | "column-type"
  | "column-narrow"
  | "column-generated"
  | "default-missing"
  | "default-differs"
  | "value-demanded"
  | "primary-key-missing"
  | "unique-missing"
  | "column-order";

/** One thing that is not as the contract says. */
export interface Difference {
  kind: DifferenceKind;
  /** `schema`, `schema.table` or `schema.table.column`. */
  object: string;
  /** One clause: "users.trade_preferences_0001.position_size is missing". */
  says: string;
  table?: ContractTable;
  column?: string;
  /** The columns of a missing key. */
  columns?: readonly string[];
  /** What is there: a type, an owner, the kind of a relation. */
  found?: string;
  /** Who should own it. */
  owner?: string;
}

/** The two roles that own things. */
export type Owners = Pick<PostgresTarget, "appUser" | "installerUser">;

export function schemaOwner(schema: string, owners: Owners): string {
  return schema === "users" ? owners.installerUser : owners.appUser;
}

export function tableOwner(table: ContractTable, owners: Owners): string {
  return table.ownedByInstaller ? owners.installerUser : owners.appUser;
}

const kindNames: Record<string, string> = { v: "a view", m: "a materialised view", f: "a foreign table" };

const sameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((name) => other.includes(name));

/** Columns that the contract does not know and that an INSERT of REC.IO's would have to fill. */
function demanding(table: ContractTable, found: FoundTable): Difference[] {
  return found.columns.flatMap((column): Difference[] => {
    const wanted = table.columns.find(({ name }) => name === column.name);
    if (!column.notNull || column.default !== null || column.generated) return [];
    if (wanted && (wanted.notNull || wanted.default === "serial" || table.primaryKey.includes(column.name))) return [];
    const object = `${table.title}.${column.name}`;
    return [
      {
        kind: "value-demanded",
        object,
        table,
        column: column.name,
        says: `${object} demands a value that REC.IO does not give`,
      },
    ];
  });
}

function keys(table: ContractTable, found: FoundTable): Difference[] {
  const differences: Difference[] = [];
  const has = (columns: readonly string[]) => found.keys.some((key) => sameSet(key.columns, columns));
  if (table.primaryKey.length > 0 && !has(table.primaryKey))
    differences.push({
      kind: "primary-key-missing",
      object: table.title,
      table,
      columns: table.primaryKey,
      says: `${table.title} has no primary key (${table.primaryKey.join(", ")})`,
    });
  for (const columns of table.unique)
    if (!has(columns))
      differences.push({
        kind: "unique-missing",
        object: table.title,
        table,
        columns,
        says: `${table.title} has no unique key (${columns.join(", ")})`,
      });
  return differences;
}

function columns(table: ContractTable, found: FoundTable): Difference[] {
  return table.columns.flatMap((wanted): Difference[] => {
    const object = `${table.title}.${wanted.name}`;
    const at = { object, table, column: wanted.name };
    const column = found.columns.find(({ name }) => name === wanted.name);
    if (!column) return [{ ...at, kind: "column-missing", says: `${object} is missing` }];
    if (column.generated)
      return [{ ...at, kind: "column-generated", says: `${object} is computed by the server and cannot be written` }];
    if (!accepts(wanted.type, column.type))
      return [
        {
          ...at,
          kind: widens(wanted.type, column.type) ? "column-narrow" : "column-type",
          found: column.type,
          says: `${object} is ${column.type} and must be ${wanted.type}`,
        },
      ];
    if (!hasDefault(wanted, column.default))
      return [{ ...at, kind: "default-missing", says: `${object} has no default` }];
    if (wanted.default && wanted.default !== "serial" && !sameDefault(wanted.default, column.default ?? ""))
      return [
        {
          ...at,
          kind: "default-differs",
          found: column.default ?? "",
          says: `${object} begins as ${column.default} and must begin as ${wanted.default}`,
        },
      ];
    return [];
  });
}

function compareTable(table: ContractTable, found: FoundTable | undefined, owners: Owners): Difference[] {
  const { title } = table;
  if (!found) return [{ kind: "table-missing", object: title, table, says: `${title} is missing` }];
  const owner = tableOwner(table, owners);
  const foreign: Difference[] =
    found.owner === owner
      ? []
      : [
          {
            kind: "table-owner",
            object: title,
            table,
            found: found.owner,
            owner,
            says: `${title} belongs to ${found.owner} and must belong to ${owner}`,
          },
        ];
  const kind = kindNames[found.kind];
  if (kind)
    return [
      { kind: "not-a-table", object: title, table, found: kind, says: `${title} is ${kind} and must be a table` },
      ...foreign,
    ];
  const differences = [...columns(table, found), ...demanding(table, found), ...keys(table, found)];
  const order = found.columns.map(({ name }) => name).join();
  // A missing column would be appended at the end, so a table that is read by position is rebuilt for that too.
  if (table.readByPosition && order !== table.columns.map(({ name }) => name).join())
    differences.push({
      kind: "column-order",
      object: title,
      table,
      found: order,
      says: `The columns of ${title} do not stand in the order in which REC.IO reads them`,
    });
  return [...differences, ...foreign];
}

/** Everything that is not as the contract says, in the contract's order. Pure. */
export function compare(found: FoundObjects, owners: Owners): Difference[] {
  const schemas = contractSchemas.flatMap((schema): Difference[] => {
    const [owner, is] = [schemaOwner(schema, owners), found.schemas[schema]];
    if (is === undefined) return [{ kind: "schema-missing", object: schema, says: `The schema ${schema} is missing` }];
    if (is !== owner)
      return [
        {
          kind: "schema-owner",
          object: schema,
          found: is,
          owner,
          says: `The schema ${schema} belongs to ${is} and must belong to ${owner}`,
        },
      ];
    return [];
  });
  const tables = contract.flatMap((table) =>
    compareTable(
      table,
      found.tables.find(({ schema, name }) => schema === table.schema && name === table.name),
      owners,
    ),
  );
  return [...schemas, ...tables];
}
