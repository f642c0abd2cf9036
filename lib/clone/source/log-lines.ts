import type pg from "pg";
import { z } from "zod";
import { sqlFile } from "../../postgres/sql-file.ts";

const when = z.date().transform((date) => date.toISOString());

/** One visit in a source's access log, as its administrator reads it. */
export const logLine = z.object({
  id: z.number(),
  userId: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  address: z.string().nullable(),
  began: when.nullable(),
  ended: when.nullable(),
  status: z.string().nullable(),
  tables: z.number().nullable(),
  rows: z.number().nullable(),
  seconds: z.number().nullable(),
  error: z.string().nullable(),
});
export type LogLine = z.infer<typeof logLine>;

/** The last visits, newest first, as a role that may read the log. @throws the server's refusal */
export async function readLog(client: pg.Client, most: number): Promise<LogLine[]> {
  const { rows } = await client.query(sqlFile("clone/log-lines.sql"), [most]);
  return rows.map((row) => logLine.parse(row));
}

/** A visit in one line. Pure. */
export function visitLine(line: LogLine): string {
  const who = [line.userId, line.name, line.email].filter(Boolean).join(", ");
  const what = `${line.tables ?? 0} tables, ${line.rows ?? 0} rows${line.seconds === null ? "" : ` in ${line.seconds} s`}`;
  const end = line.error ? `: ${line.error}` : "";
  return `${line.began ?? "?"}  ${(line.status ?? "?").padEnd(11)}  ${what}  from ${line.address ?? "a local socket"}  ${who}${end}`;
}
