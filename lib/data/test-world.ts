import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Checkout } from "../checkout/checkout.ts";
import type { Job, Json } from "../engine/step.ts";
import { localMachine } from "../machine/local-machine.ts";
import { statePaths } from "../paths.ts";
import { postgres } from "../postgres/pool.ts";
import { type TestServer, testPostgres } from "../postgres/test-server.ts";
import { fingerprintArchive } from "../rehearsal/checkout/fingerprints.ts";
import { archiveFolder } from "./fingerprint-archive.ts";
import type { LookupWorld } from "./lookup-build.ts";

/** A state folder, a checkout that holds nothing but an archive, and a database whose schema analytics is REC.IO's. */
export interface DataWorld extends LookupWorld {
  readonly server: TestServer;
  readonly archives: string;
  /** One statement as the superuser. */
  sql(text: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

const password = "app password of a test";

/** A world for one test. `archive` of null leaves the archives' folder empty; `root` uses a real checkout instead. */
export async function dataWorld({
  archive = fingerprintArchive(),
  root,
  major = 18,
}: {
  archive?: Buffer | null;
  root?: string;
  major?: 15 | 18;
} = {}): Promise<DataWorld> {
  const folder = mkdtempSync(join(tmpdir(), "rec-data-"));
  const paths = statePaths(join(folder, "state"));
  mkdirSync(paths.secrets, { recursive: true, mode: 0o700 });
  mkdirSync(paths.programs, { mode: 0o700 });
  writeFileSync(paths.appPassword, password, { mode: 0o600 });
  const checkoutRoot = root ?? join(folder, "checkout");
  const archives = join(checkoutRoot, archiveFolder);
  if (!root) mkdirSync(archives, { recursive: true });
  if (!root && archive) writeFileSync(join(archives, "btc_fingerprint_archive_20250810_191515.zip"), archive);
  const server = await testPostgres({ own: true, major });
  const database = await server.database();
  await database.query(`CREATE ROLE rec_io_user LOGIN PASSWORD '${password}'`);
  await database.query("CREATE SCHEMA analytics AUTHORIZATION rec_io_user");
  await database.query("CREATE SCHEMA historical_data AUTHORIZATION rec_io_user");
  const machine = localMachine({ stateFolder: paths.state });
  const target = postgres({
    target: {
      kind: "server",
      host: server.host,
      port: server.port,
      database: database.name,
      appUser: "rec_io_user",
      installerUser: "rec_io_setup",
      adminUser: "postgres",
      adminDatabase: "postgres",
      sslmode: "disable",
    },
    paths,
    machine,
  });
  const checkout: Pick<Checkout, "root" | "at" | "python"> = {
    root: checkoutRoot,
    at: (...parts) => join(checkoutRoot, ...parts),
    python: "/usr/bin/python3",
  };
  return {
    paths,
    machine,
    postgres: target,
    checkout: checkout as Checkout,
    server,
    archives,
    sql: (text) => database.query(text),
    async end() {
      await target.close();
      await server.stop();
      rmSync(dirname(paths.state), { recursive: true, force: true });
    },
  };
}

/** A job whose words and receipts the test can read. */
export function testJob<Receipt extends Json>(signal = new AbortController().signal) {
  const heard = { lines: [] as string[], spent: [] as Receipt[], progress: [] as [number, number, string?][] };
  const job: Job<Receipt> = {
    signal,
    secrets: {},
    progress: (done, total, _unit, note) => void heard.progress.push([done, total, note]),
    log: (line) => void heard.lines.push(line),
    spent: async (receipt) => void heard.spent.push(receipt),
  };
  return { job, heard };
}
