import type { Statement, StatementReading } from "../../../checkout/statements/read-statements.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { contract } from "../../../postgres/contract/contract.ts";
import { isProblem, repairedBy, sentence } from "../../../problem.ts";

const named = /\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?((?:"[^"]+"|\w+)\.(?:"[^"]+"|\w+))/gi;

/** The tables that a statement names with their schema, PostgreSQL's own left out. Pure. */
export function tablesOf(sql: string): string[] {
  const found = [...sql.matchAll(named)].map(([, table = ""]) => table.replaceAll('"', ""));
  return [...new Set(found)].filter((table) => !/^(pg_catalog|information_schema)\./i.test(table));
}

/** Does the contract have every table that the code uses and does not make itself? */
export function judgeTables({ statements, unread }: StatementReading): Finding {
  const queries = statements.filter(({ kind }) => kind === "query");
  const known = new Set([...contract.map(({ title }) => title), ...statements.flatMap(({ makes }) => makes ?? [])]);
  const foreign = new Map<string, Statement>();
  for (const statement of queries)
    for (const table of tablesOf(statement.sql))
      if (!known.has(table) && !foreign.has(table)) foreign.set(table, statement);
  if (foreign.size > 0) {
    const each = [...foreign].map(([table, { file, line }]) => `${table} (${file}:${line})`).join(", ");
    return {
      level: "fail",
      says: `This checkout uses ${foreign.size === 1 ? "a table" : `${foreign.size} tables`} of which this setup does not know the shape: ${each}.`,
      objects: [...foreign.keys()],
      remedy: sentence("Check out a commit whose tables this setup knows, such as 26c9406 or 088d3e4."),
    };
  }
  if (queries.length === 0)
    return {
      level: "fail",
      says: "No SQL statement was found in the programs of this checkout.",
      remedy: sentence("Check out a commit whose programs keep their data in PostgreSQL."),
    };
  const open = unread.map(({ file, line, says }) => `${file}:${line} (${says})`);
  const rest = open.length > 0 ? ` What these send cannot be told by reading: ${open.join(", ")}.` : "";
  return { level: "ok", says: `Every table of the checkout's ${queries.length} SQL statements is known.${rest}` };
}

const beforePython: Finding = {
  level: "warn",
  says: "Which tables the checkout uses can be told when Python is here.",
  remedy: repairedBy("install-system-packages", "Install Python."),
};

/** "The setup knows every table that the checkout uses". Asked before there is a database. */
export function checkoutTablesKnown(): AnyProbe {
  return probe<"checkout", StatementReading | undefined>({
    id: "checkout-tables",
    title: "The setup knows every table that the checkout uses",
    group: "Checkout",
    label: "checkout",
    everyMs: 30_000,
    timeoutMs: 60_000,
    async collect({ checkout }, signal) {
      try {
        return await checkout.statements(signal);
      } catch (thrown) {
        // Python comes with the first step; the sources are read then.
        if (isProblem(thrown) && thrown.code === "machine.python-missing") return undefined;
        throw thrown;
      }
    },
    judge: (reading) => (reading ? judgeTables(reading) : beforePython),
  });
}
