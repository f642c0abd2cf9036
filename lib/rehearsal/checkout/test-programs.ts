import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { localMachine } from "../../machine/local-machine.ts";
import { projectRoot } from "../../paths.ts";
import { freePort, type TestServer, testPostgres } from "../../postgres/test-server.ts";
import { coinbaseStandIn } from "../feeds/coinbase.ts";
import { krakenStandIn } from "../feeds/kraken.ts";
import { priceModel } from "../feeds/prices.ts";
import { type KalshiStandIn, kalshiStandIn, listen } from "../kalshi/stand-in.ts";
import { requestLog } from "../requests.ts";
import { takeTurn } from "../test-turn.ts";
import { type MadeCheckout, makeCheckout, type StandInPorts, standInPorts } from "./make-checkout.ts";

/** A stand-in checkout, its database and the outside world, without hook and supervisord: the bare programs. */
export interface Stage {
  readonly made: MadeCheckout;
  readonly kalshi: KalshiStandIn;
  /** One statement as REC.IO's role. */
  sql<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  url(program: keyof StandInPorts, path: string): string;
  start(name: string, script: string, ...args: string[]): void;
  /** Ends a program and starts it again with the installation's hook in front of everything. */
  restartHooked(name: string, script: string): Promise<void>;
  /** Runs a program that is expected to end by itself, with these variables changed; its exit code. */
  exitCode(script: string, changed?: Record<string, string>): number | null;
  /** Runs a few lines of Python in the tree; returns what they print. */
  python(lines: string): string;
  log(name: string): string;
  gitStatus(): string;
  /** What a supervisorctl says that the monitor calls: the names of programs that are down. */
  down(names: readonly string[]): void;
  end(): Promise<void>;
}

const python = "/usr/bin/python3";

const seeded = ["auto_trade_settings_0001", "trade_preferences_0001", "trade_history_preferences_0001"];

/** The database under the names and the password that stand in REC.IO's source: there is no hook here to redirect them. */
async function database(server: TestServer): Promise<pg.Client> {
  const connect = async (user: string, password: string, name: string) => {
    const client = new pg.Client({ host: server.host, port: server.port, user, password, database: name });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const admin = await connect(server.adminUser, server.adminPassword, "postgres");
  await admin.query("CREATE ROLE rec_io_user LOGIN PASSWORD 'rec_io_password'");
  await admin.query("CREATE DATABASE rec_io_db OWNER rec_io_user");
  await admin.end();
  const app = await connect("rec_io_user", "rec_io_password", "rec_io_db");
  for (const schema of ["users", "live_data", "system", "analytics", "historical_data"])
    await app.query(`CREATE SCHEMA ${schema}`);
  const folder = join(projectRoot(), "sql/schema");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".sql")))
    await app.query(readFileSync(join(folder, file), "utf8"));
  for (const table of seeded) await app.query(`INSERT INTO users.${table} (id) VALUES (1)`);
  return app;
}

/** Ports of this run, so that two runs on one machine do not meet. */
async function ownPorts(): Promise<StandInPorts> {
  const ports = { ...standInPorts };
  for (const name of Object.keys(ports) as (keyof StandInPorts)[]) ports[name] = await freePort();
  return ports;
}

export async function stage(): Promise<Stage> {
  const giveBackTurn = await takeTurn();
  const folder = mkdtempSync(join(tmpdir(), "rec-stage-"));
  const machine = localMachine({ stateFolder: folder });
  const made = await makeCheckout(machine, join(folder, "checkout"), { ports: await ownPorts() });
  const server = await testPostgres({ own: true });
  const app = await database(server);

  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyId = randomUUID();
  const credentials = join(made.root, "backend/data/users/user_0001/credentials/kalshi-credentials/prod");
  mkdirSync(credentials, { recursive: true, mode: 0o700 });
  writeFileSync(join(credentials, ".env"), `KALSHI_API_KEY_ID=${keyId}\n`, { mode: 0o600 });
  writeFileSync(join(credentials, "kalshi.pem"), privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });

  const prices = priceModel(1);
  const requests = requestLog();
  const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const kalshi = kalshiStandIn({
    environment: "prod",
    dialect: "2025",
    prices,
    requests,
    keys: [{ keyId, publicKeyPem }],
  });
  const outside = await Promise.all(
    [kalshi, coinbaseStandIn({ prices, requests }), krakenStandIn({ prices, requests })].map((standIn) =>
      listen(standIn),
    ),
  );

  const bin = join(folder, "bin");
  const downFile = join(folder, "down");
  mkdirSync(bin);
  writeFileSync(downFile, "");
  // Says of each program that it is RUNNING, but for those that the file names; cannot restart anything.
  const control = `#!/bin/sh\n[ "$3" = restart ] && exit 1\nif grep -qx "$4" "${downFile}"; then echo "$4 FATAL"; else echo "$4 RUNNING pid 1"; fi\n`;
  writeFileSync(join(bin, "supervisorctl"), control);
  chmodSync(join(bin, "supervisorctl"), 0o755);

  const env = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: folder,
    PYTHONPATH: made.root,
    PYTHONUNBUFFERED: "1",
    TRADING_SYSTEM_HOST: "localhost",
    PGPORT: String(server.port),
    PGHOSTADDR: "127.0.0.1",
    REC_STANDIN_KALSHI_URL: outside[0]?.origin ?? "",
    REC_STANDIN_COINBASE_URL: outside[1]?.origin ?? "",
    REC_STANDIN_KRAKEN_URL: outside[2]?.origin ?? "",
  };
  const children = new Map<string, ChildProcess>();
  const logFile = (name: string) => join(folder, `${name}.log`);
  const spawned = (name: string, [script = "", ...args]: readonly string[], variables: Record<string, string>) => {
    const log = openSync(logFile(name), "a", 0o600);
    const child = spawn(python, [join("backend", script), ...args], {
      cwd: made.root,
      env: variables as unknown as NodeJS.ProcessEnv,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    children.set(name, child);
  };
  const ended = async (name: string) => {
    const child = children.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  return {
    made,
    kalshi,
    sql: async <Row extends object>(text: string, values: unknown[] = []) =>
      (await app.query(text, values)).rows as Row[],
    url: (program, path) => `http://127.0.0.1:${made.ports[program]}${path}`,
    start: (name, script, ...args) => spawned(name, [script, ...args], env),
    async restartHooked(name, script) {
      await ended(name);
      const passwordFile = join(folder, "app.password");
      writeFileSync(passwordFile, "rec_io_password\n", { mode: 0o600 });
      // Without a file the hook says demo, whatever the tree says; the stage has a key for prod.
      const modeFile = join(folder, "account_mode_state.json");
      writeFileSync(modeFile, '{"mode": "prod"}', { mode: 0o600 });
      spawned(name, [script], {
        ...env,
        PYTHONPATH: `${join(projectRoot(), "lib/checkout/hook")}:${made.root}`,
        PYTHONDONTWRITEBYTECODE: "1",
        SUPERVISOR_PROCESS_NAME: name,
        REC_DB_HOST: "127.0.0.1",
        REC_DB_PORT: String(server.port),
        REC_DB_NAME: "rec_io_db",
        REC_DB_USER: "rec_io_user",
        REC_DB_PASSWORD_FILE: passwordFile,
        REC_DB_SSLMODE: "disable",
        REC_HTTP_BIND: "127.0.0.1",
        REC_ACCOUNT_MODE_FILE: modeFile,
      });
    },
    exitCode: (script, changed = {}) =>
      spawnSync(python, [join("backend", script)], {
        cwd: made.root,
        env: { ...env, ...changed } as unknown as NodeJS.ProcessEnv,
        stdio: "ignore",
        timeout: 20_000,
      }).status,
    python: (lines) =>
      execFileSync(python, ["-c", lines], {
        cwd: made.root,
        env: env as unknown as NodeJS.ProcessEnv,
        encoding: "utf8",
      }),
    log: (name) => readFileSync(logFile(name), "utf8"),
    gitStatus: () => execFileSync("git", ["-C", made.root, "status", "--porcelain"], { encoding: "utf8" }),
    down: (names) => writeFileSync(downFile, names.map((name) => `${name}\n`).join("")),
    async end() {
      for (const name of children.keys()) await ended(name);
      await Promise.all(outside.map((one) => one.stop()));
      await app.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      await giveBackTurn();
    },
  };
}
