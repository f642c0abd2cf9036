import { expect, test } from "playwright/test";
import { exchange, type HookRoom, hasPythonPackages, hookRoom } from "./test-hook.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

let room: HookRoom;
test.beforeAll(async () => {
  room = await hookRoom();
});
test.afterAll(async () => room?.leave());

/** Sends one order in every way that requests offers; answers with what came of each. */
const orders = `${exchange}
import requests
from requests.adapters import HTTPAdapter
order = {"ticker": "T", "count": 1, "api_signature": "secret-1"}
headers = {"KALSHI-ACCESS-SIGNATURE": "secret-2", "KALSHI-ACCESS-KEY": "secret-3"}
url = base + "/portfolio/orders"
session = requests.Session()
prepared = lambda to=url: requests.Request("POST", to, json=order, headers=headers).prepare()
twice = prepared()
ways = [
    lambda: requests.post(url, json=order, headers=headers), lambda: requests.request("post", url, json=order, headers=headers),
    lambda: session.post(url, json=order), lambda: session.request("POST", url, data=json.dumps(order)), lambda: session.send(prepared()),
    lambda: HTTPAdapter().send(prepared()), lambda: session.put(url, json=order),
    lambda: requests.post(base + "/portfolio/events/orders", json=order), lambda: requests.post(base + "//portfolio/%6frders/batched", json=order),
    lambda: session.send(twice), lambda: session.send(twice),
]
came = []
for way in ways:
    try: came.append(way().status_code)
    except requests.exceptions.ConnectionError as failure: came.append("rec-hook" in str(failure))
free = [requests.get(url).status_code, requests.delete(url + "/1").status_code, requests.post(base + "/portfolio", json={}).status_code]
done({"came": came, "free": free, "reached": len([one for one in reached if one[0] in ("POST", "PUT") and "rders" in one[1]])})
`;

async function allow(allowed: boolean | null) {
  await room.database.query("TRUNCATE order_lock.answer, order_lock.asked");
  if (allowed !== null) await room.database.query("INSERT INTO order_lock.answer VALUES ($1)", [allowed]);
}

test("no order leaves while the lock says no, whichever way it takes", async () => {
  await allow(false);
  const { answer } = room.run(orders);
  expect(answer).toEqual({ came: Array(11).fill(true), free: [200, 200, 200], reached: 0 });
  const asked = await room.database.query<{ payload: string; program: string }>("SELECT * FROM order_lock.asked");
  expect(asked).toHaveLength(11);
  expect(asked[0]).toMatchObject({ kind: "open", how: "unknown", ticket: null, program: "rec:toy" });
  expect(JSON.parse(asked[0]?.payload ?? "")).toEqual({ ticker: "T", count: 1 });
  expect(JSON.stringify(asked)).not.toContain("secret");
});

test("an order that is allowed is asked for once and sent once", async () => {
  await allow(true);
  expect(room.run(orders).answer).toEqual({ came: Array(11).fill(200), free: [200, 200, 200], reached: 11 });
  expect(await room.database.query("SELECT * FROM order_lock.asked")).toHaveLength(11);
});

test("a lock that gives no answer, no function or no database means no", async () => {
  await allow(null);
  expect(room.run(orders).answer).toMatchObject({ reached: 0 });
  expect(room.run(orders, { REC_DB_PORT: "1" }).answer).toMatchObject({ reached: 0 });
  await room.database.query("ALTER FUNCTION order_lock.may_send RENAME TO may_not_send");
  expect(room.run(orders).answer).toMatchObject({ reached: 0 });
  await room.database.query("ALTER FUNCTION order_lock.may_not_send RENAME TO may_send");
});

test("the executor's ticket tells the lock what it asks for", async () => {
  await allow(true);
  room.run(`${exchange}
import requests
from flask import Flask, request
app = Flask("executor")
@app.route("/trigger_trade", methods=["POST"])
def trade():
    requests.post(base + "/portfolio/orders", json={"ticker": request.get_json()["ticker"]})
    return {}
client = app.test_client()
for ticket in ({"ticket_id": "1", "ticker": "A", "intent": "close"}, {"ticket_id": "2", "ticker": "B", "entry_method": "auto"}, {"ticket_id": "3", "ticker": "C"}):
    client.post("/trigger_trade", json=ticket)
`);
  expect(await room.database.query("SELECT kind, how, ticket FROM order_lock.asked ORDER BY ticket")).toEqual([
    { kind: "close", how: "manual", ticket: "1" },
    { kind: "open", how: "auto", ticket: "2" },
    { kind: "open", how: "manual", ticket: "3" },
  ]);
});

test("the monitor gives back only what was on before, its tries are written down, and nobody else is held", async () => {
  const script = `${exchange}
import requests
root = base[: -len("/trade-api/v2")]
def arm(): [requests.post(root + "/api/set_" + flag, json={"enabled": True}) for flag in ("auto_entry", "auto_stop")]
arm()
requests.get(root + "/api/get_preferences")
arm()
server.shutdown(); server.server_close()
try: requests.get(root + "/api/get_preferences", timeout=1)
except requests.exceptions.ConnectionError: pass
server = ThreadingHTTPServer(server.server_address, Exchange); threading.Thread(target=server.serve_forever, daemon=True).start()
arm()
done([json.loads(body)["enabled"] for method, path, body in reached if method == "POST"])
`;
  const held = room.run(script, { SUPERVISOR_PROCESS_NAME: "system_monitor" });
  // Before anything was seen: off. Then as the preferences said: entry on, stop off. Then main did not answer: off.
  expect(held.answer).toEqual([false, false, true, false, false, false]);
  expect(held.stdout).not.toContain("rec-hook");
  expect(
    await room.database.query(
      "SELECT switch, program, count(*)::int AS times FROM order_lock.wanted GROUP BY 1, 2 ORDER BY 1",
    ),
  ).toEqual([
    { switch: "auto_entry", program: "rec:system_monitor", times: 2 },
    { switch: "auto_stop", program: "rec:system_monitor", times: 3 },
  ]);
  const unwritten = room.run(script, { SUPERVISOR_PROCESS_NAME: "system_monitor", REC_DB_PORT: "1" });
  expect(unwritten.answer).toEqual(held.answer);
  expect(unwritten.stderr).toContain("could not be written down");
  expect(room.run(script).answer).toEqual(Array(6).fill(true));
  expect(await room.database.query("SELECT * FROM order_lock.wanted")).toHaveLength(5);
});
