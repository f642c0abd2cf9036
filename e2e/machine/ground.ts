import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { HealthReport } from "../../lib/health/report.ts";
import { draftAnswers } from "../../lib/install/answers.ts";
import { localMachine } from "../../lib/machine/local-machine.ts";
import type { PortHolder } from "../../lib/machine/machine.ts";
import { type StatePaths, statePaths } from "../../lib/paths.ts";
import { freePort } from "../../lib/postgres/test-server.ts";
import { type MadeCheckout, makeCheckout, standInPorts } from "../../lib/rehearsal/checkout/make-checkout.ts";
import { takeTurn } from "../../lib/rehearsal/test-turn.ts";
import { readServerRecord, runningOf } from "../../lib/server/state/server-record.ts";
import { programsUserName } from "../../lib/supervisor/programs-user/programs-user.ts";
import { type Outside, startOutside } from "./outside.ts";
import { beginDoor, type DoorEnd, type Terminal } from "./terminal.ts";

/** A key of Kalshi's demo environment that belongs to this run. */
export interface RunKey {
  keyId: string;
  /** The private half as Kalshi hands it out: a file of PKCS#8 text. */
  file: string;
  /** What Kalshi keeps of it. */
  publicKeyPem: string;
}

/** A checkout, a state folder, ports and an outside world of this run's own, and the doors to them. */
export interface Ground {
  checkout: MadeCheckout;
  state: string;
  paths: StatePaths;
  url: string;
  /** The port of the embedded PostgreSQL, once it was answered where the data is kept. */
  databasePort(): number;
  key: RunKey;
  /** The login that the person chooses. */
  password: string;
  outside: Outside;
  /** Every command of the product, in this state folder. */
  door(name: string, ...options: string[]): Promise<DoorEnd>;
  /** `npm run setup` in a terminal that stays open, and the link that it prints. */
  setup(): Promise<{ terminal: Terminal; link: string }>;
  health(): Promise<{ status: number; report: HealthReport }>;
  /** One statement as REC.IO's role: what anybody at this machine could do behind our back. */
  sql<Row extends object = Record<string, unknown>>(text: string): Promise<Row[]>;
  /** The server of the page, as it runs now. */
  serverPid(): number | undefined;
  /** Kills each process that runs this script of the checkout, with no word to anybody; how many there were. */
  killProgram(script: string): Promise<number>;
  /** Everything that belongs to this run and is not over: command lines, and listeners at its ports and this one. */
  leftovers(databasePort: number): Promise<{ processes: string[]; listeners: string[] }>;
  /** `git status` of the checkout, ignored files and all. */
  checkoutStatus(): string;
  end(): Promise<void>;
}

/** The environment of a person's terminal that has heard of the stand-ins. */
function environment({ kalshi, kalshiDemo, coinbase, kraken }: Outside["origins"], home: string) {
  return {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    HOME: home,
    LANG: "C.UTF-8",
    REC_SETUP_KALSHI_PROD_URL: `${kalshi}/trade-api/v2`,
    REC_SETUP_KALSHI_DEMO_URL: `${kalshiDemo}/trade-api/v2`,
    REC_SETUP_COINBASE_URL: coinbase,
    REC_SETUP_KRAKEN_URL: kraken,
  };
}

async function ownPorts(): Promise<typeof standInPorts> {
  const ports = { ...standInPorts };
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  return ports;
}

async function untilLink(terminal: Terminal): Promise<string> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const link = /http:\/\/localhost:\d+\/#code=[\w-]{22}(?=\n)/.exec(terminal.output())?.[0];
    if (link) return link;
    if (terminal.child.exitCode !== null || Date.now() > deadline)
      throw new Error(`npm run setup printed no link:\n${terminal.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Prepares everything that a person has before they type `npm run setup`, and waits for its turn on this machine.
 * @param installs false where nothing will be installed: such a ground waits for nobody.
 */
export async function openGround({ installs = true } = {}): Promise<Ground> {
  const giveBackTurn = installs ? await takeTurn() : async () => {};
  // Blanks in a path are what a person's folders have.
  const folder = mkdtempSync(join(tmpdir(), "rec e2e "));
  // As a home folder is: others pass through. That a closed one is passed by an access list is tried where that step is.
  chmodSync(folder, 0o711);
  const state = join(folder, "state");
  const machine = localMachine({ stateFolder: folder });
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const key = { keyId: randomUUID(), file: join(folder, "my kalshi key.txt"), publicKeyPem };
  writeFileSync(key.file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const outside = await startOutside([key]);
  const ports = await ownPorts();
  const checkout = await makeCheckout(machine, join(folder, "rec_io"), { ports, outside: outside.origins });
  const port = await freePort();
  const env = environment(outside.origins, folder);
  const words = (name: string, options: readonly string[]) => [
    name,
    ...options,
    `--state=${state}`,
    ...(name === "setup" ? [`--port=${port}`, "--no-open"] : []),
  ];
  const paths = statePaths(state);
  const terminals: Terminal[] = [];

  const door = (name: string, ...options: string[]) => beginDoor(words(name, options), env).ended;
  const url = `http://localhost:${port}`;
  const ground: Ground = {
    checkout,
    state,
    paths,
    url,
    databasePort: () => {
      const { database } = draftAnswers.parse(JSON.parse(readFileSync(paths.draft, "utf8")));
      if (database?.kind !== "embedded") throw new Error("the embedded PostgreSQL was not chosen");
      return database.port;
    },
    key,
    password: randomBytes(12).toString("base64url"),
    outside,
    door,
    async setup() {
      const terminal = beginDoor(words("setup", []), env);
      terminals.push(terminal);
      return { terminal, link: await untilLink(terminal) };
    },
    async health() {
      const answer = await fetch(`${url}/api/health`);
      return { status: answer.status, report: (await answer.json()) as HealthReport };
    },
    async sql<Row extends object>(text: string) {
      const { stdout } = await door("connection");
      const client = new pg.Client({ connectionString: stdout.trim() });
      await client.connect();
      try {
        return (await client.query<Row>(text)).rows;
      } finally {
        await client.end();
      }
    },
    serverPid: () => readServerRecord(paths.server)?.server?.pid,
    async killProgram(script) {
      const running = (await machine.processes()).filter(({ args }) => args.includes(join(checkout.root, script)));
      for (const { pid } of running) process.kill(pid, "SIGKILL");
      return running.length;
    },
    async leftovers(databasePort) {
      const own = [...Object.values(ports), port, databasePort];
      const ours = (await machine.processes()).filter(
        ({ pid, command }) => pid !== process.pid && command.includes(folder),
      );
      const held: PortHolder[] = (await machine.listeners()).filter((listener) => own.includes(listener.port));
      return {
        processes: ours.map(({ pid, command }) => `${pid} ${command.slice(0, 160)}`),
        listeners: held.map(({ address, port: taken, program }) => `${address}:${taken} ${program ?? ""}`),
      };
    },
    checkoutStatus: () =>
      execFileSync("git", ["-C", checkout.root, "status", "--porcelain", "--ignored"], { encoding: "utf8" }),
    async end() {
      // A closed terminal ends its own part only; the page and REC.IO go with the uninstall.
      for (const { child } of terminals) child.kill("SIGHUP");
      if (existsSync(state)) await door("uninstall", "--yes");
      for (const { pid } of runningOf(readServerRecord(paths.server))) process.kill(pid, "SIGKILL");
      await outside.stop();
      // What an uninstall could not take back, as after a test that failed in the middle of a run, is no neighbour's matter.
      for (const { pid, command } of await machine.processes())
        if (pid !== process.pid && command.includes(folder)) await machine.end(pid);
      if (process.getuid?.() === 0) spawnSync("userdel", [programsUserName(paths)], { stdio: "ignore" });
      rmSync(folder, { recursive: true, force: true });
      await giveBackTurn();
    },
  };
  return ground;
}
