import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Checkout, ProgramFacts } from "../checkout/checkout.ts";
import { hookFiles, shippedHookFile } from "../checkout/hook/hook-files.ts";
import type { Job, Json } from "../engine/step.ts";
import { type Answers, answers } from "../install/answers.ts";
import { localMachine } from "../machine/local-machine.ts";
import { type StatePaths, statePaths } from "../paths.ts";
import type { Postgres, PostgresTarget } from "../postgres/postgres.ts";
import { readSettings } from "../settings.ts";
import type { World } from "../world.ts";
import { supervisor } from "./own-supervisor.ts";
import { hookLiveFolder } from "./program-environment.ts";

/** A small checkout and a state folder of its own, with everything real but the database, for tests. */
export interface TestRoom {
  folder: string;
  paths: StatePaths;
  world: World;
  answers: Answers;
  /** What the toy checkout wants supervised; tests change it. */
  programs: ProgramFacts[];
  /** Writes a file of the toy checkout. */
  file(path: string, text: string): void;
  job: Job<Json> & { lines: string[] };
  /** Ends supervisord with all its programs and removes the folder. */
  leave(): Promise<void>;
}

/** True where this machine has supervisord; without it these tests cannot say anything. */
export const hasSupervisord = existsSync("/usr/bin/supervisord");

/** A program that lives until it is ended. */
export const livingProgram = "import time\nprint('up', flush=True)\ntime.sleep(600)\n";

/** A program that says 0.0.0.0, as REC.IO's do. */
export const listeningProgram = [
  "import sys",
  "from http.server import HTTPServer, BaseHTTPRequestHandler",
  "HTTPServer(('0.0.0.0', int(sys.argv[1])), BaseHTTPRequestHandler).serve_forever()",
].join("\n");

export interface TestRoomOptions {
  /** Name of the checkout's folder: where blanks, quotes and signs are tried. */
  checkoutName?: string;
  target?: Partial<PostgresTarget>;
  /** What a query answers. Default: one row whose `newest` is another one each time. */
  query?: (text: string) => object[];
}

export function testRoom(options: TestRoomOptions = {}): TestRoom {
  const folder = mkdtempSync(join(tmpdir(), "rec-room-"));
  chmodSync(folder, 0o700);
  const root = join(folder, options.checkoutName ?? "rec_io");
  const paths = statePaths(join(folder, "state"));
  mkdirSync(join(root, "backend"), { recursive: true });
  mkdirSync(join(paths.python, "bin"), { recursive: true, mode: 0o700 });
  mkdirSync(paths.secrets, { mode: 0o700 });
  mkdirSync(paths.programs, { mode: 0o700 });
  writeFileSync(paths.appPassword, "not used\n", { mode: 0o600 });
  // A link would do for running, but the interpreter's path must be ours, as a virtual environment's is.
  symlinkSync("/usr/bin/python3", join(paths.python, "bin", "python"));
  execFileSync("git", ["init", "-q", root], { stdio: "ignore" });
  writeFileSync(join(root, ".gitignore"), "logs/\n");

  const programs: ProgramFacts[] = [];
  const real = localMachine({ stateFolder: paths.state });
  // Whoever runs these tests, the programs run as that user: making one of their own is tried where that step is.
  const machine = { ...real, facts: async () => ({ ...(await real.facts()), root: false }) };
  const python = join(paths.python, "bin", "python");
  const checkout = {
    root,
    python,
    at: (...parts: string[]) => join(root, ...parts),
    supervised: async () => programs,
    urlOf: async (name: string) => `http://127.0.0.1:${programs.find((one) => one.name === name)?.port}`,
  } as unknown as Checkout;
  let looks = 0;
  const query =
    options.query ??
    (() => {
      looks += 1;
      return [{ newest: String(looks) }];
    });
  const target = {
    kind: "server",
    host: "127.0.0.1",
    port: 5432,
    database: "rec_io_db",
    appUser: "rec_io_user",
    sslmode: "disable",
    ...options.target,
  } as PostgresTarget;
  const postgres = { target, query: async (_as: string, text: string) => query(text) } as unknown as Postgres;
  const own = supervisor({ machine, paths, checkout });
  const lines: string[] = [];
  return {
    folder,
    paths,
    programs,
    world: { kind: "real", settings: readSettings({}), paths, machine, checkout, postgres, supervisor: own } as World,
    answers: answers.parse({
      checkout: { kind: "path", path: root },
      person: { userId: "tester", fullName: "Test Person", email: "test@example.com" },
      kalshi: { kind: "none" },
    }),
    file(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    job: {
      lines,
      signal: new AbortController().signal,
      secrets: {},
      progress() {},
      log(line) {
        lines.push(line);
      },
      async spent() {},
    },
    async leave() {
      await own.shutdown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A program of the toy checkout. */
export function program(name: string, script: string, more: Partial<ProgramFacts> = {}): ProgramFacts {
  return { name, script: `backend/${script}`, args: [], exists: true, namedIn: ["generator"], ...more };
}

/** Puts the hook where every program of the room finds it. */
export async function putHook({ world }: TestRoom): Promise<void> {
  const { machine, paths } = world;
  for (const file of hookFiles) {
    await machine.files.makeFolder(join(paths.hook, file, ".."), 0o700);
    await machine.files.write(join(paths.hook, file), await shippedHookFile(machine, file), 0o600);
  }
  for (const folder of [hookLiveFolder(paths), paths.askedHosts]) await machine.files.makeFolder(folder, 0o700);
}
