import { expect, test } from "playwright/test";
import { done, type HookRoom, hasPythonPackages, hookRoom } from "./test-hook.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

let room: HookRoom;
test.beforeAll(async () => {
  room = await hookRoom();
});
test.afterAll(async () => room?.leave());

const chosen = { REC_SHIMS: "websockets-additional-headers,fastapi-lifespan,kalshi-today" };

const market = {
  ticker: "KXBTCD-26NOV2015-T117999.99",
  floor_strike: 117999.99,
  strike_type: "greater",
  yes_sub_title: "$118,000 or above",
  yes_bid_dollars: "0.4650",
  yes_ask_dollars: "0.4710",
  no_bid_dollars: "0.5290",
  no_ask_dollars: "0.5350",
  last_price_dollars: "0.4700",
  volume_fp: "12034.00",
  open_interest_fp: "7.50",
  liquidity_dollars: "1834.2500",
  previous_price_dollars: null,
};

/** A server that answers GET with today's body of its path and POST with the body that it was sent. */
const script = (program: string) => `${done}
import os, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
bodies = json.loads(${JSON.stringify(
  JSON.stringify({
    "/trade-api/v2/events/E": { event: { title: "Bitcoin price" }, markets: [market] },
    "/trade-api/v2/portfolio/fills": {
      fills: [{ fill_id: "f-1", count_fp: "3.00", yes_price_dollars: "0.4700", no_price_dollars: "0.5300" }],
    },
    "/trade-api/v2/portfolio/positions": {
      market_positions: [
        {
          ticker: "T",
          position_fp: "-2.00",
          fees_paid_dollars: "0.0700",
          realized_pnl: 5,
          realized_pnl_dollars: "9.0",
        },
      ],
    },
    "/elsewhere": { count_fp: "3.00" },
    "/trade-api/v2/exchange/status": { count_fp: "3.00" },
  }),
)})
class Exchange(BaseHTTPRequestHandler):
    def reply(self, body):
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def do_GET(self): self.reply(json.dumps(bodies[self.path.split("?")[0]]).encode())
    def do_POST(self): self.reply(self.rfile.read(int(self.headers["Content-Length"])))
    def log_message(self, *words): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = "127.0.0.1:%d" % server.server_address[1]
base = "http://" + place + "/trade-api/v2"
os.environ["REC_EXCHANGE_HOSTS"] = place
import requests
${program}`;

test("where the person chose it, today's answers are read under the names of 2025, and nothing else is touched", () => {
  const { answer, stderr } = room.run(
    script(`
order = {"yes_price_dollars": "0.4700", "count_fp": "1.00"}
posted = requests.post(base + "/portfolio/events/settings", json=order)
os.environ["REC_EXCHANGE_HOSTS"] = place
answers = [requests.get(base + path).json() for path in ("/events/E?x=1", "/portfolio/fills", "/portfolio/positions", "/exchange/status")]
answers += [requests.get("http://" + place + "/elsewhere").json(), posted.json()]
os.environ["REC_EXCHANGE_HOSTS"] = ""
answers.append(requests.get(base + "/portfolio/fills").json())
done(answers)`),
    chosen,
  );
  expect(stderr).toBe("");
  const [event, fills, positions, status, elsewhere, posted, foreign] = answer as Record<string, never>[];
  expect(event).toMatchObject({
    event: { title: "Bitcoin price" },
    markets: [
      {
        ...market,
        subtitle: "$118,000 or above",
        // Between two cents: what is asked is rounded up and what is bid down, so that nothing looks better than it is.
        ...{ yes_bid: 46, yes_ask: 48, no_bid: 52, no_ask: 54, last_price: 47 },
        ...{ volume: 12034, open_interest: 7.5, liquidity: 183_425 },
      },
    ],
  });
  expect((event as { markets?: object[] } | undefined)?.markets?.[0]).not.toHaveProperty("previous_price");
  expect(fills).toMatchObject({ fills: [{ trade_id: "f-1", count: 3, yes_price: 47, no_price: 53 }] });
  // A name that is there already is the exchange's own and stays.
  expect(positions).toMatchObject({ market_positions: [{ position: -2, fees_paid: 7, realized_pnl: 5 }] });
  expect(status).toEqual({ count_fp: "3.00" });
  expect(elsewhere).toEqual({ count_fp: "3.00" });
  expect(posted).toEqual({ yes_price_dollars: "0.4700", count_fp: "1.00" });
  expect(foreign).toEqual({ fills: [expect.not.objectContaining({ count: 3 })] });
});

test("where nobody chose it, answers stay as they come", () => {
  const { answer } = room.run(script('done(requests.get(base + "/portfolio/fills").json())'));
  expect(answer).toEqual({
    fills: [{ fill_id: "f-1", count_fp: "3.00", yes_price_dollars: "0.4700", no_price_dollars: "0.5300" }],
  });
});

test("a position that the websocket announces has its old names, in hundredths of a cent", () => {
  const frames = [
    { type: "market_position", msg: { market_ticker: "T", position_fp: "3.00", position_cost_dollars: "1.4100" } },
    { type: "ticker", msg: { volume_fp: "3.00" } },
  ].map((frame) => JSON.stringify(frame));
  const { answer, stderr } = room.run(
    `${done}
import asyncio, websockets
frames = json.loads(${JSON.stringify(JSON.stringify(frames))})
async def all():
    async def answer(connection, *_):
        for frame in frames: await connection.send(frame)
        await connection.wait_closed()
    async with websockets.serve(answer, "127.0.0.1", 0) as server:
        port = (getattr(server, "sockets", None) or server.server.sockets)[0].getsockname()[1]
        async with websockets.connect("ws://127.0.0.1:%d/" % port) as connection:
            return [json.loads(await connection.recv()) for _ in frames]
done(asyncio.run(all()))`,
    chosen,
  );
  expect(stderr).toBe("");
  expect(answer).toEqual([
    {
      type: "market_position",
      msg: {
        market_ticker: "T",
        position_fp: "3.00",
        position: 3,
        position_cost_dollars: "1.4100",
        position_cost: 14_100,
      },
    },
    { type: "ticker", msg: { volume_fp: "3.00" } },
  ]);
});
