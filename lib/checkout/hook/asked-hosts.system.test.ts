import { expect, test } from "playwright/test";
import { done, exchange, type HookRoom, hasPythonPackages, hookRoom } from "./test-hook.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

let room: HookRoom;
test.beforeAll(async () => {
  room = await hookRoom();
});
test.afterAll(async () => room?.leave());

test("the hosts of Kalshi that a program asks are written down, and nothing else of the request", () => {
  const { answer } = room.run(
    `${done}
import asyncio, requests, socket, websockets
def nowhere(*_): raise socket.gaierror("no network here")
socket.getaddrinfo = nowhere
for url in ("https://demo-api.kalshi.co/trade-api/v2/portfolio/balance?secret=1", "https://kalshi.com.evil.example/", "https://api.kraken.com/"):
    try: requests.get(url, headers={"KALSHI-ACCESS-KEY": "secret"})
    except requests.exceptions.RequestException: pass
async def feed():
    try: await websockets.connect("wss://api.elections.kalshi.com/trade-api/ws/v2", additional_headers={"K": "secret"})
    except OSError: pass
asyncio.run(feed())
done(True)`,
    { SUPERVISOR_PROCESS_NAME: "asker" },
  );
  expect(answer).toBe(true);
  const hosts = JSON.parse(room.read("programs/asked/asker.json")) as Record<string, number>;
  expect(Object.keys(hosts).sort()).toEqual(["demo-api.kalshi.co", "wss://api.elections.kalshi.com"]);
  for (const at of Object.values(hosts)) expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(60);
  expect(room.files("programs/asked")).toEqual(["asker.json"]);
});

test("an exchange that is elsewhere is noted where the environment names it, whichever library asks", () => {
  const { answer } = room.run(
    `${exchange}
import asyncio, os, urllib.request, requests, websockets
place = "127.0.0.1:%d" % server.server_address[1]
requests.get(base)
notes = [os.path.exists(os.environ["REC_ASKED_HOSTS"] + "/mover.json")]
os.environ["REC_EXCHANGE_HOSTS"] = "127.0.0.1:1, " + place
urllib.request.urlopen(urllib.request.Request(base + "/portfolio/balance?secret=1"))
async def feed():
    try: await websockets.connect("ws://" + place + "/trade-api/ws/v2")
    except Exception: pass
asyncio.run(feed())
for url in ("http://127.0.0.1:1/", "http://127.0.0.1:2/"):
    try: requests.get(url)
    except requests.exceptions.RequestException: pass
with open(os.environ["REC_ASKED_HOSTS"] + "/mover.json") as file: found = sorted(json.load(file))
done([notes, found == sorted(["127.0.0.1:1", place, "ws://" + place]), len(reached)])`,
    { SUPERVISOR_PROCESS_NAME: "mover" },
  );
  expect(answer).toEqual([[false], true, 3]);
});

test("a host is written down at most once in five seconds, and what an earlier run saw is kept", () => {
  room.file("programs/asked/often.json", '{"demo-api.kalshi.co": 5}');
  const { answer } = room.run(
    `${done}
import time
from rec_hook import asked_hosts, settings
writes = []
real = settings.write_whole
settings.write_whole = lambda path, text: (writes.append(text), real(path, text))
asked_hosts.time.time = lambda: 1700000000.9996
for _ in range(50): asked_hosts.note("https://api.elections.kalshi.com/x")
done([len(writes), sorted(json.loads(writes[0]))])`,
    { SUPERVISOR_PROCESS_NAME: "often" },
  );
  expect(answer).toEqual([1, ["api.elections.kalshi.com", "demo-api.kalshi.co"]]);
});

test("a program that is started anew says for itself what it asks, however short ago the earlier one did", () => {
  const ask = (at: number) =>
    room.run(
      `${done}
from rec_hook import asked_hosts
asked_hosts.time.time = lambda: ${at}
asked_hosts.note("https://demo-api.kalshi.co/x")
done(True)`,
      { SUPERVISOR_PROCESS_NAME: "anew" },
    );
  ask(1_700_000_000);
  ask(1_700_000_002);
  expect(JSON.parse(room.read("programs/asked/anew.json"))).toEqual({ "demo-api.kalshi.co": 1_700_000_002 });
});
