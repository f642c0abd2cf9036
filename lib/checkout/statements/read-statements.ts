import { join } from "node:path";
import { z } from "zod";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import type { ProgramFacts } from "../checkout.ts";

const statement = z.object({
  /** Relative to the root: "backend/main.py". */
  file: z.string(),
  /** Where its text begins. */
  line: z.number(),
  /** The function around it, "" at the top level. */
  function: z.string(),
  /** query: can be prepared. definition: makes or changes objects. session: neither. */
  kind: z.enum(["query", "definition", "session"]),
  /** With the server's placeholders $1, $2, … */
  sql: z.string(),
  values: z.number(),
  /** The table that a definition makes: "live_data.market_kalshi_btc". */
  makes: z.string().optional(),
  /** For an index: a query that has an answer where the index can be made. */
  needs: z.string().optional(),
});

const reading = z.object({
  statements: z.array(statement),
  /** Places that send something to the database which reading alone cannot tell. */
  unread: z.array(z.object({ file: z.string(), line: z.number(), says: z.string() })),
});

/** One SQL statement of the checkout, where a person would look for it. */
export type Statement = z.infer<typeof statement>;
export type StatementReading = z.infer<typeof reading>;

/**
 * Finds every SQL statement that programs of a checkout send. Their sources are read with Python's own ast; nothing of
 * them is run and nothing is written. Names, arguments, loops and conditions are followed, so one place can give
 * several statements; a table's name that only a request tells stands for every table of that family in the code.
 * @param python the interpreter whose grammar counts.
 * @param files absolute paths: the programs and what they import (`readSources(…).files`).
 * @throws Error where the reading itself broke.
 */
export async function readStatements(
  machine: Machine,
  python: string,
  root: string,
  files: readonly string[],
  programs: readonly Pick<ProgramFacts, "script" | "args">[],
  signal?: AbortSignal,
): Promise<StatementReading> {
  const script = join(projectRoot(), "lib/checkout/statements/python/read_statements.py");
  const result = await machine.exec(python, ["-I", "-B", "-W", "ignore", script], {
    input: JSON.stringify({ root, files, programs: programs.map(({ script: path, args }) => [path, args]) }),
    ...(signal ? { signal } : {}),
  });
  if (result.code !== 0)
    throw new Error(`reading the statements ended with ${result.code}: ${result.stderr.slice(-500)}`);
  return reading.parse(JSON.parse(result.stdout));
}
