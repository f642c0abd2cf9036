import { expect, test } from "playwright/test";
import { sqlFile } from "../sql-file.ts";
import { hasPostgres, testPostgres } from "../test-server.ts";
import { contract, contractSchemas, contractSources } from "./contract.ts";
import { type FoundTable, introspectIn } from "./introspect.ts";

const files = ["users", "users-auto-trade-settings", "live-data", "system", "analytics", "historical-data"];

/** A default as the contract writes it: without the cast that the server adds to a literal. */
function plain(found: string | null): string | undefined {
  if (found === null) return undefined;
  if (found.startsWith("nextval(")) return "serial";
  return found.replace(/::[a-z ]+$/, "");
}

function described(table: FoundTable) {
  const keys = table.keys.map(({ columns }) => columns.join()).sort();
  return {
    title: `${table.schema}.${table.name}`,
    columns: table.columns.map(({ name, type, notNull, default: given }) => ({
      name,
      type,
      notNull,
      default: plain(given),
    })),
    primaryKey: table.keys.find(({ primary }) => primary)?.columns ?? [],
    keys,
  };
}

for (const major of [18, 15] as const) {
  test(`sql/schema in an empty PostgreSQL ${major} is exactly the contract`, async () => {
    test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
    const database = await (await testPostgres({ major })).database();
    const client = await database.connect();
    for (const schema of contractSchemas) await client.query(`CREATE SCHEMA ${schema}`);
    for (const file of files) await client.query(sqlFile(`schema/${file}.sql`));
    const found = await introspectIn({
      query: async (text, values) => (await client.query(text, [...(values ?? [])])).rows,
      copyIn: () => Promise.reject(new Error("no rows here")),
      copyOut: () => {
        throw new Error("no rows here");
      },
    });
    await client.end();
    await database.drop();
    const by = (one: { title: string }, other: { title: string }) => one.title.localeCompare(other.title);
    expect(found.tables.map(described).sort(by)).toEqual(
      contract
        .map((table) => ({
          title: table.title,
          columns: table.columns.map((column) => ({
            name: column.name,
            type: column.type,
            notNull: column.notNull || table.primaryKey.includes(column.name),
            default: column.default,
          })),
          primaryKey: [...table.primaryKey],
          keys: [
            ...(table.primaryKey.length > 0 ? [table.primaryKey.join()] : []),
            ...table.unique.map((columns) => columns.join()),
          ].sort(),
        }))
        .sort(by),
    );
  });
}

test("the contract has every live table, and evidence for every table", () => {
  expect(contract).toHaveLength(25);
  expect(contract.reduce((sum, { columns }) => sum + columns.length, 0)).toBe(318);
  for (const [title, source] of Object.entries(contractSources)) {
    for (const column of Object.keys(source.evidence)) expect(Object.keys(source.columns), title).toContain(column);
    if (source.readers.length > 0) expect(Object.values(source.evidence).join(), title).toMatch(/\.py:\d+/);
  }
});
