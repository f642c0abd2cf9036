import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { recioCheckout } from "../../../checkout/recio-checkout.ts";
import { writeTestTree } from "../../../checkout/test-tree.ts";
import type { Probe } from "../../../engine/probe.ts";
import { localMachine } from "../../../machine/local-machine.ts";
import { statePaths } from "../../../paths.ts";
import { takeTurn } from "../../../rehearsal/test-turn.ts";
import type { ProgramState } from "../../../supervisor/supervisor.ts";
import type { World } from "../../../world.ts";
import { networkProbes } from "./machine-network.ts";
import { portProbes } from "./machine-ports.ts";
import { secondRecioProbes } from "./machine-second-recio.ts";

let folder: string;
let server: Server;
let port: number;
test.beforeEach(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "machine-probes-"));
  server = createServer((_request, response) => response.end("{}"));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  port = (server.address() as AddressInfo).port;
});
test.afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const machine = () => localMachine({ stateFolder: join(folder, "state") });

/** A checkout whose main_app wants the port, a supervisord that runs these programs, and an embedded server. */
async function worldOf({ programs = [], database }: { programs?: Partial<ProgramState>[]; database?: number } = {}) {
  const root = join(folder, "recio");
  const manifest = JSON.stringify({ core_services: { main_app: { port } } });
  await writeTestTree(machine(), root, {
    commit: false,
    changes: { "backend/core/config/MASTER_PORT_MANIFEST.json": manifest },
  });
  return {
    kind: "real",
    machine: machine(),
    checkout: recioCheckout({ root, machine: machine(), paths: statePaths(join(folder, "state")) }),
    supervisor: { daemon: async () => 1, programs: async () => programs },
    postgres: {
      target: { kind: "embedded", port: 1 },
      embedded: { status: async () => ({ state: "running", ...(database === undefined ? {} : { pid: database }) }) },
    },
    settings: { coinbaseUrl: `http://127.0.0.1:${port}`, krakenUrl: `http://127.0.0.1:${port}` },
  } as unknown as World;
}
async function ask(probes: readonly Probe[], world: World) {
  const [probe] = probes;
  if (!probe) throw new Error("no probe");
  return probe.judge(await probe.collect(world, new AbortController().signal));
}

test("A port that a stranger holds is named with the process, one of our program is not", async () => {
  expect(await ask(portProbes, await worldOf())).toMatchObject({
    level: "fail",
    says: expect.stringMatching(new RegExp(`^Port ${port} of main_app is held by .+ \\(process ${process.pid}\\)\\.$`)),
  });
  expect(await ask(portProbes, await worldOf({ programs: [{ name: "main_app", pid: process.pid }] }))).toMatchObject({
    level: "ok",
  });
  server.close();
  await expect.poll(async () => (await ask(portProbes, await worldOf())).level).toBe("ok");
});

test("A second REC.IO is found with its process, and lives on", async () => {
  test.setTimeout(600_000);
  const giveBackTurn = await takeTurn();
  const world = await worldOf();
  const other = join(folder, "other/backend/trade_manager.py");
  mkdirSync(join(folder, "other/backend"), { recursive: true });
  writeFileSync(other, "import time\nprint('up', flush=True)\ntime.sleep(600)\n");
  const pid = await machine().startDetached("python3", [other], { logFile: join(folder, "log") });
  try {
    await expect.poll(() => machine().files.read(join(folder, "log"))).toBe("up\n");
    const [probe] = secondRecioProbes;
    const facts = (await probe?.collect(world, new AbortController().signal)) as {
      others: { pid: number; script: string }[];
    };
    expect(facts.others).toContainEqual({ pid, script: "backend/trade_manager.py" });
    expect(await machine().alive(pid)).toBe(true);
  } finally {
    await machine().end(pid, 2000);
    await giveBackTurn();
  }
});

test("Feeds that answer are ok, a port where nobody listens is not", async () => {
  const world = await worldOf();
  expect(await ask(networkProbes, world)).toMatchObject({ level: "ok" });
  const deaf = { ...world, settings: { ...world.settings, coinbaseUrl: "http://127.0.0.1:9" } };
  expect(await ask(networkProbes, deaf)).toMatchObject({
    level: "fail",
    evidence: { cameBack: expect.stringContaining("127.0.0.1:9: ") },
  });
});
