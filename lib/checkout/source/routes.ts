import { join } from "node:path";
import { z } from "zod";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";

const route = z.object({
  /** Relative to the root. */
  script: z.string(),
  /** As the code has it: "/api/strike_tables/{symbol}". */
  path: z.string(),
  line: z.number(),
  /** The names in the path that a caller fills in. */
  parameters: z.array(z.string()),
  /** The names of the query that a caller must give. */
  query: z.array(z.string()),
  /** The handler says that all is well without asking anything. */
  constant: z.boolean(),
});

/** A route that GET answers, as a program's source has it. */
export type FoundRoute = z.infer<typeof route>;

/** The GET routes of scripts of a checkout, in the order in which they stand there. Nothing of it is run. */
export async function listRoutes(
  machine: Machine,
  python: string,
  root: string,
  scripts: readonly string[],
  signal?: AbortSignal,
): Promise<FoundRoute[]> {
  const result = await machine.exec(
    python,
    ["-I", "-B", "-W", "ignore", join(projectRoot(), "lib/checkout/source/list_routes.py")],
    { input: JSON.stringify({ root, scripts }), ...(signal ? { signal } : {}) },
  );
  if (result.code !== 0) throw new Error(`listing the routes ended with ${result.code}: ${result.stderr.slice(-500)}`);
  return z.array(route).parse(JSON.parse(result.stdout));
}
