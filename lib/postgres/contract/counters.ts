import { quoteIdentifier, quoteLiteral, quoteName } from "../identifier.ts";
import type { Session } from "../postgres.ts";
import { type ContractColumn, type ContractTable, contract } from "./contract.ts";

export interface Counter {
  table: ContractTable;
  column: ContractColumn;
}

/** Every number of the contract that the server counts up. */
export const counters: readonly Counter[] = contract.flatMap((table) =>
  table.columns.filter((column) => column.default === "serial").map((column) => ({ table, column })),
);

/**
 * Counters that would give a number which a row has already: the next INSERT would fail. One round trip; each largest
 * number is the end of an index. Throws where a table or a counter is not there: ask what the catalogue says first.
 */
export async function countersBehind(session: Pick<Session, "query">): Promise<Counter[]> {
  const parts = counters.map(({ table, column }, at) => {
    const [name, relation] = [quoteIdentifier(column.name), quoteName(table.schema, table.name)];
    const sequence = `pg_get_serial_sequence(${quoteLiteral(relation)}, ${quoteLiteral(column.name)})`;
    return `SELECT ${at} AS at WHERE ${sequence} IS NOT NULL AND coalesce((SELECT max(${name}) FROM ${relation}), 0) > coalesce(pg_sequence_last_value(${sequence}), 0)`;
  });
  const behind = await session.query<{ at: number }>(parts.join("\nUNION ALL "));
  return behind.flatMap(({ at }) => counters[at] ?? []);
}
