import { liveMarkets } from "./live-markets.ts";
import { livePrices } from "./live-prices.ts";
import { systemData } from "./system-data.ts";
import { usersAccount } from "./users-account.ts";
import { usersSettings } from "./users-settings.ts";
import { usersTrades } from "./users-trades.ts";

/**
 * One table as the contract's files write it down. A column's definition reads like SQL: `text NOT NULL DEFAULT 'x'`,
 * with the default `serial` for a number that the server counts up.
 */
export interface TableSource {
  writers: readonly string[];
  readers: readonly string[];
  primaryKey: readonly string[];
  /** Sets of columns that an ON CONFLICT of the code needs, besides the primary key. */
  unique: readonly (readonly string[])[];
  /** The code reads rows by column position: order and number of the columns are part of the contract. */
  readByPosition?: true;
  columns: Readonly<Record<string, string>>;
  /** Column → `file:line` where REC.IO's code uses it (checkout 088d3e4; the account sync's from 26c9406). */
  evidence: Readonly<Record<string, string>>;
  notes?: Readonly<Record<string, string>>;
}

export interface ContractColumn {
  name: string;
  /** As format_type() writes it. */
  type: string;
  notNull: boolean;
  default?: string;
}

export interface ContractTable {
  schema: string;
  name: string;
  /** `schema.table`. */
  title: string;
  columns: readonly ContractColumn[];
  primaryKey: readonly string[];
  unique: readonly (readonly string[])[];
  readByPosition: boolean;
  /** The installer keeps this table, because an owner could take the order lock off; every other is REC.IO's. */
  ownedByInstaller: boolean;
}

/** The schemas that REC.IO's code names. Schema users belongs to the installer: a schema's owner may drop any table in it. */
export const contractSchemas = ["users", "live_data", "analytics", "system", "historical_data"] as const;

/** The table that the order lock sits on. */
export const settingsTable = "users.auto_trade_settings_0001";

/** Reads one definition, such as `integer NOT NULL DEFAULT 95`. Pure. */
export function parseColumn(name: string, definition: string): ContractColumn {
  const found = /^(.+?)( NOT NULL)?(?: DEFAULT (.+))?$/.exec(definition);
  const type = found?.[1];
  if (!found || !type) throw new Error(`the definition of column ${name} is not readable: ${definition}`);
  return { name, type, notNull: found[2] !== undefined, ...(found[3] === undefined ? {} : { default: found[3] }) };
}

function parseTable(title: string, source: TableSource): ContractTable {
  const [schema = "", name = ""] = title.split(".");
  return {
    schema,
    name,
    title,
    columns: Object.entries(source.columns).map(([column, definition]) => parseColumn(column, definition)),
    primaryKey: source.primaryKey,
    unique: source.unique,
    readByPosition: source.readByPosition ?? false,
    ownedByInstaller: title === settingsTable,
  };
}

/** The contract's source with its evidence, by `schema.table`. */
export const contractSources: Readonly<Record<string, TableSource>> = {
  ...usersTrades,
  ...usersSettings,
  ...usersAccount,
  ...livePrices,
  ...liveMarkets,
  ...systemData,
};

/** Every table that the supervised programs use. */
export const contract: readonly ContractTable[] = Object.entries(contractSources).map(([title, source]) =>
  parseTable(title, source),
);
