import { join } from "node:path";
import { Problem, sentence } from "../../problem.ts";
import type { World } from "../../world.ts";

/** Shorter than this, a password stands in many files that have nothing to do with it. */
const shortest = 8;
const largestBytes = 64 * 1024 * 1024;
const deepest = 8;

/** What a search came to. `tooShort`: nothing was searched, for anything would be found. */
export type Searched = { files: number; notSearched: string[] } | "tooShort";

/** The password as it may have been written: as it is, in a URL, in JSON, in base64. */
function formsOf(password: string): Buffer[] {
  const forms = [
    password,
    encodeURIComponent(password),
    JSON.stringify(password).slice(1, -1),
    Buffer.from(password).toString("base64").replace(/=+$/, ""),
  ];
  return [...new Set(forms)].map((form) => Buffer.from(form));
}

/**
 * Looks for a source's password in everything that this product and REC.IO's programs write: journals, logs, answers,
 * settings, and the command lines of processes. The pages of our own PostgreSQL and the packages of Python are left out,
 * and so is the rehearsal's own source, whose password lies beside it.
 * @throws Problem `clone.password-left` that names the places
 */
export async function searchForPassword(
  { paths, machine }: Pick<World, "paths" | "machine">,
  password: string,
): Promise<Searched> {
  if (password.length < shortest) return "tooShort";
  const forms = formsOf(password);
  const leftOut = new Set([paths.postgresData, paths.python, paths.unpacked, join(paths.state, "rehearsal")]);
  const found: string[] = [];
  const notSearched: string[] = [];
  let files = 0;
  const look = async (folder: string, depth: number): Promise<void> => {
    for (const name of await machine.files.list(folder)) {
      const path = join(folder, name);
      if (leftOut.has(path)) continue;
      const facts = await machine.files.facts(path);
      if (facts?.kind === "folder" && depth < deepest) await look(path, depth + 1);
      if (facts?.kind !== "file") continue;
      if (facts.size > largestBytes) {
        notSearched.push(path);
        continue;
      }
      const bytes = await machine.files.readBytes(path).catch(() => undefined);
      if (bytes === undefined) continue;
      files++;
      if (forms.some((form) => bytes.includes(form))) found.push(path);
    }
  };
  await look(paths.state, 0);
  for (const { pid, command } of await machine.processes())
    if (command.includes(password)) found.push(`the command line of process ${pid}`);
  if (found.length === 0) return { files, notSearched };
  throw new Problem({
    code: "clone.password-left",
    says: `The source's password was left in ${found.slice(0, 3).join(", ")}.`,
    remedy: sentence("Remove it there, and ask the source's administrator for another password."),
  });
}
