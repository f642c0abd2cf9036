import type { As, Postgres, Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import { contract, contractSchemas } from "./contract.ts";

export interface FoundColumn {
  name: string;
  type: string;
  notNull: boolean;
  /** The expression; `serial` for an identity column; null for none. */
  default: string | null;
  generated: boolean;
}

export interface FoundTable {
  schema: string;
  name: string;
  /** pg_class.relkind: r and p are tables, v m f are views, materialised views and foreign tables. */
  kind: string;
  owner: string;
  columns: FoundColumn[];
  keys: { primary: boolean; columns: string[] }[];
}

/** What stands under the names of the contract. */
export interface FoundObjects {
  /** Schema → owner. */
  schemas: Record<string, string>;
  tables: FoundTable[];
  /** `schema.name` of what stands under a name that a table would get when it is put aside. */
  asides: string[];
}

/** The contract's names as the two parameters of `probes/contract-objects.sql`. */
const parameters = [[...contractSchemas], contract.map(({ title }) => title)];

/** Looks at the catalogue once, in a single round trip. */
export async function introspect(
  postgres: Pick<Postgres, "query">,
  as: As,
  signal?: AbortSignal,
): Promise<FoundObjects> {
  const [row] = await postgres.query<FoundObjects>(
    as,
    sqlFile("probes/contract-objects.sql"),
    parameters,
    signal ? { signal } : {},
  );
  return row ?? { schemas: {}, tables: [], asides: [] };
}

/** The same, inside a session that is in hand already. */
export async function introspectIn(session: Session): Promise<FoundObjects> {
  const [row] = await session.query<FoundObjects>(sqlFile("probes/contract-objects.sql"), parameters);
  return row ?? { schemas: {}, tables: [], asides: [] };
}
