import { randomBytes } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

/** Debian's PostgreSQL 15, as the figures of this bench are defined. */
const bin = "/usr/lib/postgresql/15/bin";

/** A PostgreSQL for measuring: Debian's defaults, but for its place. */
export interface BenchServer {
  readonly port: number;
  readonly socket: string;
  /** Words for psql, pg_dump and their kind: over the unix socket, as its superuser. */
  uri(database: string, port?: number): string;
  connect(database: string, port?: number): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root, so root runs it in a user namespace in which it is somebody else. */
function asSomebody(words: string): string {
  return process.getuid?.() === 0 ? `unshare --user --map-user=nobody --map-group=nogroup -- ${words}` : words;
}

/** Runs words of a shell; throws with what it said. */
export async function shell(machine: Machine, words: string, cwd: string): Promise<void> {
  const { code, stderr } = await machine.exec("/bin/bash", ["-o", "pipefail", "-c", words], {
    cwd,
    timeoutMs: 900_000,
  });
  if (code !== 0) throw new Error(`${words.slice(0, 200)} ended with ${code}: ${stderr.slice(-800)}`);
}

/** @throws Problem `bench.no-postgres` where Debian's PostgreSQL 15 or pgcopydb is not installed. */
export async function benchServer(machine: Machine, folder: string, port: number): Promise<BenchServer> {
  for (const [program, name] of [
    [join(bin, "initdb"), "postgresql-15"],
    ["/usr/bin/pgcopydb", "pgcopydb"],
  ] as const)
    if (!(await machine.files.facts(program)))
      throw new Problem({
        code: "bench.no-postgres",
        says: `Debian's ${name} is not installed, and this bench is measured against it.`,
        remedy: sentence("Run apt-get install postgresql-15 pgcopydb."),
      });
  const data = join(folder, `data-${port}`);
  const socket = join(folder, `s${port}`);
  const password = randomBytes(12).toString("hex");
  await machine.files.makeFolder(socket, 0o700);
  await shell(machine, asSomebody(`${bin}/initdb -D ${data} -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N`), folder);
  await shell(
    machine,
    asSomebody(
      `${bin}/pg_ctl -w -D ${data} -l ${folder}/log-${port} -o "-p ${port} -k ${socket} -c listen_addresses=127.0.0.1 -c max_connections=60" start`,
    ),
    folder,
  );
  const host = (other?: number) => (other === undefined ? socket : "127.0.0.1");
  return {
    port,
    socket,
    uri: (database, other) => `host=${host(other)} port=${other ?? port} user=postgres dbname=${database}`,
    async connect(database, other) {
      const client = new pg.Client({ host: host(other), port: other ?? port, user: "postgres", password, database });
      client.on("error", () => {});
      await client.connect();
      return client;
    },
    stop: () => shell(machine, asSomebody(`${bin}/pg_ctl -D ${data} -m immediate stop`), folder),
  };
}
