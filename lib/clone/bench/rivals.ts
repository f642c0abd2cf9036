import { join } from "node:path";
import { createTable, listOf } from "../definition.ts";
import { type CatalogueTable, clonedSchemas, fullName } from "../table.ts";
import { type Ground, timed } from "./ground.ts";
import { shell } from "./servers.ts";

/** Binary COPY through psql, table after table; the tables are there before the clock runs, and stay without keys. */
export async function psqlPipes(ground: Ground, only: (table: CatalogueTable) => boolean): Promise<number> {
  const { machine, folder, source, target } = ground;
  const tables = ground.tables.filter(only);
  const client = await target.connect("copy");
  for (const table of tables) await client.query(createTable(table));
  await client.end();
  const lines = tables.map((table) => {
    const place = `"${table.schema}"."${table.name}" (${listOf(table.columns)})`.replaceAll('"', '\\"');
    return `psql -qX "${source.uri("whole")}" -c "COPY ${place} TO STDOUT (FORMAT binary)" | psql -qX "${target.uri("copy")}" -c "COPY ${place} FROM STDIN (FORMAT binary)"`;
  });
  await machine.files.write(join(folder, "pipes.sh"), `set -e -o pipefail\n${lines.join("\n")}\n`, 0o600);
  return timed(() => shell(machine, `bash ${folder}/pipes.sh`, folder));
}

/** Whole copies by other tools, from `database` through `port` where a proxy stands in between. */
export const rivals = {
  pgcopydb: ({ folder, source, target }: Ground, database: string) =>
    `rm -rf ${folder}/pgcopydb && pgcopydb clone --table-jobs 2 --index-jobs 2 --dir ${folder}/pgcopydb --source "${source.uri(database)}" --target "${target.uri("copy")}"`,

  pgDump: ({ folder, source, target }: Ground, database: string) =>
    `rm -rf ${folder}/dump && pg_dump -Fd -Z0 -j2 -f ${folder}/dump "${source.uri(database)}" && pg_restore -j2 -d "${target.uri("copy")}" ${folder}/dump`,

  installScript: ({ source, target }: Ground, database: string) =>
    clonedSchemas
      .map((schema) => `pg_dump -n ${schema} "${source.uri(database)}" | psql -qX "${target.uri("copy")}"`)
      .join(" && "),

  wanPgDump: ({ source, target }: Ground, database: string, port?: number) =>
    `pg_dump -Fc -Z0 "${source.uri(database, port)}" | pg_restore -d "${target.uri("copy")}"`,
};

/** Seconds of one of them, into a database without the schemas. */
export async function rival(name: keyof typeof rivals, ground: Ground, database: string, port?: number) {
  await ground.withoutSchemas();
  return timed(() => shell(ground.machine, rivals[name](ground, database, port), ground.folder));
}

/** The two large tables of price history. */
export function isBig(table: CatalogueTable): boolean {
  return fullName(table).startsWith("historical_data.");
}
