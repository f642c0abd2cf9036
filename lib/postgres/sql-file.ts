import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../paths.ts";

const texts = new Map<string, string>();

/**
 * The text of `sql/<name>`, read once per process. Names are ours, such as `probes/schema-objects.sql`, never input.
 * Throws where there is no such file: a missing file of our own is a bug, not a failure that a person can act on.
 */
export function sqlFile(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)+\.sql$/.test(name)) throw new Error(`"${name}" is not the name of a file in sql/`);
  const text = readFileSync(join(projectRoot(), "sql", name), "utf8");
  texts.set(name, text);
  return text;
}
