import { join } from "node:path";
import { expect, test } from "playwright/test";
import { exchange, type HookRoom, hasPythonPackages, hookRoom } from "../../../checkout/hook/test-hook.ts";
import { localMachine } from "../../../machine/local-machine.ts";
import { statePaths } from "../../../paths.ts";
import { readSettings } from "../../../settings.ts";
import { hookLiveFolder } from "../../../supervisor/program-environment.ts";
import type { ProgramState, Supervisor } from "../../../supervisor/supervisor.ts";
import { collectAskedHosts, judgeAskedHosts } from "./asked-hosts.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

let room: HookRoom;
test.beforeAll(async () => {
  room = await hookRoom();
});
test.afterAll(async () => room?.leave());

/** A program with the hook that asks for each of these, on a machine without a network. It says its pid and the place of its own exchange. */
function program(name: string, requests: readonly string[], websockets: readonly string[] = []) {
  const { answer } = room.run(
    `${exchange}
import asyncio, os, requests, socket, websockets
real = socket.getaddrinfo
def nowhere(host, *more, **named):
    if host == "127.0.0.1": return real(host, *more, **named)
    raise socket.gaierror("no network here")
socket.getaddrinfo = nowhere
place = "127.0.0.1:%d" % server.server_address[1]
os.environ["REC_EXCHANGE_HOSTS"] = place
for url in ${JSON.stringify(requests)}:
    try: requests.get(url.replace("PLACE", place))
    except requests.exceptions.RequestException: pass
async def feed():
    for url in ${JSON.stringify(websockets)}:
        try: await websockets.connect(url)
        except OSError: pass
asyncio.run(feed())
done([os.getpid(), place])`,
    { SUPERVISOR_PROCESS_NAME: name, REC_HOOK_LIVE: hookLiveFolder(statePaths(room.folder)) },
  );
  const [pid, place] = answer as [number, string];
  return { pid, place };
}

test("what programs with the hook ask is told apart by program, environment, websocket and process", async () => {
  const paths = statePaths(room.folder);
  const machine = localMachine({ stateFolder: room.folder });
  await machine.files.makeFolder(hookLiveFolder(paths), 0o700);
  const states = new Map<string, ProgramState>();
  const runs = (name: string, pid: number, startedAt: number) =>
    states.set(name, { name, pid, state: "RUNNING", startedAt });
  const supervisor = { programs: async () => [...states.values()] } as Supervisor;
  const look = async (settings = readSettings({})) =>
    judgeAskedHosts(
      await collectAskedHosts({ settings, machine, paths, supervisor }, "demo", [
        "kalshi_account_sync",
        "trade_executor",
      ]),
    );
  // supervisord counts whole seconds, so a process seems to start a little before it does.
  const second = Math.floor(Date.now() / 1000) * 1000;

  const demo = "https://demo-api.kalshi.co/trade-api/v2/portfolio/balance";
  const prod = "https://api.elections.kalshi.com/trade-api/v2";
  const feed = "wss://api.elections.kalshi.com/trade-api/ws/v2";
  runs("kalshi_account_sync", program("kalshi_account_sync", [demo], [feed]).pid, second);
  runs("kalshi_market_watchdog", program("kalshi_market_watchdog", [`${prod}/events/X`]).pid, second);
  expect(await look()).toMatchObject({
    level: "ok",
    says: "kalshi_account_sync asked demo-api.kalshi.co alone; this checkout's websocket always asks production; kalshi_market_watchdog asks production for public prices, as always.",
  });

  runs("trade_executor", program("trade_executor", [`${prod}/portfolio/orders`]).pid, second);
  expect(await look()).toMatchObject({
    level: "fail",
    label: "checkout",
    says: "trade_executor asked api.elections.kalshi.com, a host of production; chosen is demo.",
  });

  // Started anew within the same second by supervisord's count: the earlier process's word stays in the file.
  runs("trade_executor", program("trade_executor", []).pid, second);
  expect(JSON.parse(room.read("programs/asked/trade_executor.json"))).toHaveProperty(["api.elections.kalshi.com"]);
  expect(await look()).toMatchObject({
    level: "ok",
    says: expect.stringContaining("trade_executor asked nothing yet"),
  });

  const elsewhere = program("trade_executor", ["http://PLACE/trade-api/v2/portfolio/orders"]);
  runs("trade_executor", elsewhere.pid, second);
  const settings = readSettings({ REC_SETUP_KALSHI_PROD_URL: `http://${elsewhere.place}/trade-api/v2` });
  expect(await look(settings)).toMatchObject({
    level: "fail",
    says: `trade_executor asked ${elsewhere.place}, a host of production; chosen is demo.`,
  });

  await machine.files.write(join(paths.askedHosts, "trade_executor.json"), "[", 0o600);
  expect(await look()).toMatchObject({ level: "unknown" });
});
