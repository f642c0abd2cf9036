import { isIP } from "node:net";
import { sqlFile } from "../../postgres/sql-file.ts";
import { Problem, sentence } from "../../problem.ts";

/** Files of sql/source/, in the order in which they are run. */
const files = ["access-log", "reading-role", "grant-reading", "log-rights"] as const;

/** How large an address range may be: a /8 is a whole provider, and no installer comes from everywhere. */
const shortestPrefix = { 4: 16, 6: 32 } as const;

/**
 * The line for pg_hba.conf that lets the reading role in from one range of addresses, over TLS only.
 * @throws Problem `source.range-refused` for what is no range, or one as wide as the world.
 */
export function networkRule(range: string, database: string): string {
  const [address = "", bits = "", ...rest] = range.split("/");
  const family = isIP(address);
  const prefix = Number(bits);
  const whole = family === 4 ? 32 : 128;
  if (family === 0 || rest.length > 0 || !/^\d+$/.test(bits) || prefix > whole)
    throw new Problem({
      code: "source.range-refused",
      says: `${range} is no range of addresses.`,
      remedy: sentence("Write one like 203.0.113.7/32."),
    });
  if (prefix < shortestPrefix[family as 4 | 6])
    throw new Problem({
      code: "source.range-refused",
      says: `${range} lets in far more than the installers of one person.`,
      remedy: sentence(`Name the addresses that come, with a prefix of at least /${shortestPrefix[family as 4 | 6]}.`),
    });
  return `hostssl  ${database}  rec_io_installer  ${address}/${prefix}  scram-sha-256`;
}

/** Everything that the administrator of a source runs or writes, as one text. */
export function administratorSql(range: string | undefined, database: string): string {
  const parts = files.map((name) => sqlFile(`source/${name}.sql`).trim());
  return [
    `-- For the administrator of a source of REC.IO's system data. Run it in the database ${database}, as its owner or a`,
    "-- superuser; it may be run again.",
    "",
    ...parts.flatMap((part) => [part, ""]),
    "-- Then give the role a password of its own, typed here and written nowhere:",
    "--   \\password rec_io_installer",
    "",
    "-- And let it in over TLS only (ssl = on in postgresql.conf), from the addresses that come, in pg_hba.conf:",
    `--   ${range === undefined ? networkRule("203.0.113.7/32", database).replace("203.0.113.7/32", "ADDRESS/32") : networkRule(range, database)}`,
    "",
    "-- npm run source -- test   tells what is still missing.",
  ].join("\n");
}
