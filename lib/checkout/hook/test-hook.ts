import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot, statePaths } from "../../paths.ts";
import { type TestDatabase, testPostgres } from "../../postgres/test-server.ts";

/** The interpreter whose packages REC.IO needs; PATH may find another. */
const interpreter = "/usr/bin/python3";

/** True where Debian's packages are there: without them these tests cannot say anything. */
export const hasPythonPackages =
  existsSync(interpreter) &&
  spawnSync(interpreter, ["-c", "import psycopg2, uvicorn, fastapi, flask, requests, websockets"]).status === 0;

/** The folder of the hook as the product ships it. */
export const hookFolder = join(projectRoot(), "lib/checkout/hook");

/** Answers with a Python value: `done(...)` prints it as the last line. */
export const done = "import json\ndef done(value): print(json.dumps(value))\n";

/** Starts a server that counts what reaches it: the exchange of these tests. */
export const exchange = `${done}
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
reached = []
class Exchange(BaseHTTPRequestHandler):
    def answer(self):
        reached.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
        body = b'{"auto_entry": true, "auto_stop": false}'
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    do_GET = do_POST = do_PUT = do_DELETE = answer
    def log_message(self, *words): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = "http://127.0.0.1:%d/trade-api/v2" % server.server_address[1]
`;

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
  /** The last line of stdout as JSON. */
  answer: unknown;
}

/** A place to run Python in with the hook, as supervisord would run a program, on a real PostgreSQL. */
export interface HookRoom {
  folder: string;
  database: TestDatabase;
  password: string;
  /** Writes a file and returns its path. */
  file(name: string, text: string): string;
  read(name: string): string;
  files(folder: string): string[];
  /** Runs a script as a supervised program. A variable that is set to undefined is left out. */
  run(script: string, variables?: Record<string, string | undefined>): Ran;
  leave(): Promise<void>;
}

/** The role has a password with a blank at its end: it belongs to the password, the line feed of its file does not. */
export async function hookRoom(): Promise<HookRoom> {
  const folder = mkdtempSync(join(tmpdir(), "rec-hook-"));
  const server = await testPostgres();
  const database = await server.database();
  const role = `app ${database.name}`;
  const password = `a"b'c, d;e%f\\ `;
  await database.query(`CREATE ROLE "${role}" LOGIN PASSWORD '${password.replaceAll("'", "''")}'`);
  await database.query("CREATE SCHEMA order_lock");
  await database.query("CREATE TABLE order_lock.asked (kind text, how text, ticket text, payload text, program text)");
  await database.query("CREATE TABLE order_lock.answer (allowed boolean)");
  await database.query(
    "CREATE FUNCTION order_lock.may_send(text, text, text, text) RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$ INSERT INTO order_lock.asked VALUES ($1, $2, $3, $4, current_setting('application_name')); SELECT allowed FROM order_lock.answer $$",
  );
  await database.query("CREATE TABLE order_lock.wanted (switch text, program text)");
  await database.query(
    "CREATE FUNCTION order_lock.monitor_wanted(text) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ INSERT INTO order_lock.wanted VALUES ($1, current_setting('application_name')) $$",
  );
  await database.query(`GRANT USAGE ON SCHEMA order_lock TO "${role}"`);
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const base: Record<string, string> = {
    PATH: "/usr/bin:/bin",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPATH: `${hookFolder}:${folder}/checkout`,
    SUPERVISOR_PROCESS_NAME: "toy",
    REC_DB_HOST: server.host,
    REC_DB_PORT: String(server.port),
    REC_DB_NAME: database.name,
    REC_DB_USER: role,
    REC_DB_PASSWORD_FILE: file("password", `${password}\n`),
    REC_DB_SSLMODE: "disable",
    REC_ACCOUNT_MODE_FILE: file("mode.json", '{"mode":"prod"}'),
    REC_SUPERVISOR_CONF: "/state/supervisord.conf",
    REC_SUPERVISORCTL: "/venv/bin/supervisorctl",
    REC_ASKED_HOSTS: statePaths(folder).askedHosts,
    REC_HOOK_LIVE: join(folder, "live"),
    REC_HTTP_PORTS: "3000,4000",
    REC_SHIMS: "websockets-additional-headers,fastapi-lifespan",
  };
  mkdirSync(statePaths(folder).askedHosts, { recursive: true });
  mkdirSync(join(folder, "live"));
  return {
    folder,
    database,
    password,
    file,
    read: (name) => readFileSync(join(folder, name), "utf8"),
    files: (name) => readdirSync(join(folder, name)),
    run(script, variables = {}) {
      const env = Object.fromEntries(
        Object.entries({ ...base, ...variables }).filter((pair): pair is [string, string] => pair[1] !== undefined),
      );
      const ran = spawnSync(interpreter, [file("program.py", script)], {
        env: env as NodeJS.ProcessEnv,
        encoding: "utf8",
        timeout: 30_000,
      });
      const last = ran.stdout.trim().split("\n").at(-1) ?? "";
      let answer: unknown;
      try {
        answer = JSON.parse(last);
      } catch {
        answer = undefined;
      }
      return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, answer };
    },
    async leave() {
      await database.drop();
      await server.database().then(async (other) => {
        await other.query(`DROP ROLE IF EXISTS "${role}"`).catch(() => []);
        await other.drop();
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
