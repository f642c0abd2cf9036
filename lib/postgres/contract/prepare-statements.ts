import type { Statement } from "../../checkout/statements/read-statements.ts";
import { quoteLiteral } from "../identifier.ts";
import type { Postgres, Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";

/** A statement that a database does not take, and why. */
export interface RefusedStatement {
  statement: Statement;
  /** SQLSTATE: 42P01 no such table, 42703 no such column, 42P10 no key for an ON CONFLICT, 42501 no right. */
  state: string;
  /** The server's own words. */
  message: string;
  /** `schema.table` or `schema.table.column` of what is missing, as far as the server's words and the statement tell. */
  missing: string;
}

interface Refused {
  place: number;
  state: string;
  message: string;
}

const quoted = /["“„«»]\s*([^"“”„«»]+?)\s*["“”„«»]/g;
const tableOf = /\b(?:FROM|INTO|UPDATE|JOIN)\s+("?\w+"?\."?[\w-]+"?|\w+)/i;

/** What a refusal is about. The server's words can be in any language, but names stand in quotes in all of them. Pure. */
export function missingObject({ sql }: Pick<Statement, "sql">, { state, message }: Omit<Refused, "place">): string {
  const table = (tableOf.exec(sql)?.[1] ?? "").replaceAll('"', "");
  const names = [...message.matchAll(quoted)].map(([, name = ""]) => name);
  const [first = "", second = ""] = names;
  if (state === "42P01" || state === "3F000") return first || table;
  if (state === "42703") {
    const column = first || (/\b(\w+\.\w+)\b/.exec(message)?.[1] ?? "");
    const owner = second && table.endsWith(`.${second}`) ? table : second.includes(".") ? second : table;
    return `${owner}.${column.split(".").at(-1)}`;
  }
  return table || first;
}

/** What of a statement can be prepared: the statement itself, or the question whether its index could be made. */
function preparable(statement: Statement): { sql: string; values: number } | undefined {
  if (statement.kind === "query") return { sql: statement.sql, values: statement.values };
  return statement.needs === undefined ? undefined : { sql: statement.needs, values: 0 };
}

/**
 * Asks the server, inside a transaction, which statements it would refuse: each is prepared and planned as the role
 * whose session this is, all in one round trip. The transaction should be read-only; nothing is run.
 * @throws Problem `database.lock-timeout` where somebody holds a table locked.
 */
export async function prepareIn(session: Session, statements: readonly Statement[]): Promise<RefusedStatement[]> {
  const asked = statements.flatMap((statement) => {
    const text = preparable(statement);
    return text ? [{ statement, text }] : [];
  });
  const list = quoteLiteral(JSON.stringify(asked.map(({ text }) => text)));
  const [row] = await session.query<{ refused: Refused[] }>(
    `SELECT set_config('rec_io_setup.statements', ${list}, true);\n${sqlFile("probes/prepare-statements.sql")}`,
  );
  return (row?.refused ?? []).flatMap(({ place, state, message }) => {
    const { statement, text } = asked[place - 1] ?? {};
    // A table that the code makes itself may not be there yet, and its index with it.
    if (!statement || !text || (statement.kind === "definition" && state === "42P01")) return [];
    return [{ statement, state, message, missing: missingObject(text, { state, message }) }];
  });
}

/** The same as REC.IO's role in a transaction of its own, which only reads: three round trips. */
export function prepareStatements(
  postgres: Pick<Postgres, "withTransaction">,
  statements: readonly Statement[],
  signal?: AbortSignal,
): Promise<RefusedStatement[]> {
  return postgres.withTransaction("app", (session) => prepareIn(session, statements), {
    readOnly: true,
    ...(signal ? { signal } : {}),
  });
}

/** How many of a checkout's statements can be asked about. */
export function countPreparable(statements: readonly Statement[]): number {
  return statements.filter(({ kind }) => kind === "query").length;
}
