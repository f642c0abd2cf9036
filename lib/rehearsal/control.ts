import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { CoinbaseStandIn } from "./feeds/coinbase.ts";
import type { KalshiStandIn } from "./kalshi/stand-in.ts";
import { exchangeState, fault } from "./kalshi/state.ts";
import type { RequestLog } from "./requests.ts";
import { bodyOf, jsonReply, type Reply, textReply, urlOf, writeReply } from "./stand-in.ts";

/** What the control port reaches. */
export interface Controlled {
  kalshi: Readonly<Record<"prod" | "demo", KalshiStandIn>>;
  coinbase: CoinbaseStandIn;
  requests: RequestLog;
}

const environment = z.enum(["prod", "demo"]);
const commands = {
  "/fault": z.object({ environment, fault }),
  // Defaults would put back what an earlier command moved.
  "/state": z.object({ environment, state: z.record(z.string(), z.unknown()) }),
  "/key": z.object({
    environment,
    keyId: z.string(),
    publicKeyPem: z.string().optional(),
    scopes: z.array(z.string()).optional(),
    subaccount: z.number().int().optional(),
  }),
  "/announce-position": z.object({ environment }),
  "/coinbase": z.object({
    silent: z.boolean().optional(),
    staleByMs: z.number().optional(),
    refuseSubscription: z.boolean().optional(),
    tooManyRequests: z.boolean().optional(),
  }),
};

function told(requests: RequestLog): Reply {
  const all = requests.all();
  const count = (keep: (standIn: string, path: string) => boolean) =>
    all.filter((seen) => keep(seen.standIn, seen.path)).length;
  return jsonReply({
    total: all.length,
    notGet: requests.notGet(),
    orders: requests.notGet().filter(({ path }) => path.includes("/orders")),
    byStandIn: Object.fromEntries(
      [...new Set(all.map((seen) => seen.standIn))].map((name) => [name, count((at) => at === name)]),
    ),
    requests: all,
  });
}

function obeyed(path: string, body: unknown, { kalshi, coinbase }: Controlled): Reply {
  switch (path) {
    case "/fault": {
      const { environment: of, fault: set } = commands["/fault"].parse(body);
      kalshi[of].faults.set(set);
      return jsonReply({ ok: true });
    }
    case "/state": {
      const { environment: of, state } = commands["/state"].parse(body);
      kalshi[of].move(exchangeState.parse({ ...kalshi[of].state, ...state }));
      return jsonReply({ ok: true, state: kalshi[of].state });
    }
    case "/key": {
      const { environment: of, keyId, publicKeyPem, scopes, subaccount } = commands["/key"].parse(body);
      if (publicKeyPem === undefined) kalshi[of].revoke(keyId);
      else
        kalshi[of].register({
          keyId,
          publicKeyPem,
          ...(scopes ? { scopes } : {}),
          ...(subaccount === undefined ? {} : { subaccount }),
        });
      return jsonReply({ ok: true });
    }
    case "/announce-position":
      kalshi[commands["/announce-position"].parse(body).environment].announcePosition();
      return jsonReply({ ok: true });
    case "/coinbase":
      coinbase.faults = commands["/coinbase"].parse(body);
      return jsonReply({ ok: true });
    default:
      return textReply("404", 404);
  }
}

async function answer(request: IncomingMessage, controlled: Controlled): Promise<Reply> {
  const path = urlOf(request).pathname;
  if (request.method === "GET" && path === "/requests") return told(controlled.requests);
  if (request.method === "GET" && path === "/about") return jsonReply({ ok: true, pid: process.pid });
  if (request.method === "POST" && path === "/forget") {
    controlled.requests.forget();
    controlled.kalshi.prod.faults.clear();
    controlled.kalshi.demo.faults.clear();
    controlled.coinbase.faults = {};
    return jsonReply({ ok: true });
  }
  if (request.method !== "POST") return textReply("405", 405);
  try {
    return obeyed(path, JSON.parse(await bodyOf(request)), controlled);
  } catch (thrown) {
    return jsonReply({ ok: false, says: thrown instanceof Error ? thrown.message : "not understood" }, 400);
  }
}

/**
 * A listener on loopback through which another process looks at what came in and makes things go wrong: GET /requests and
 * /about, POST /fault, /state, /key, /announce-position, /coinbase, /forget.
 */
export async function listenForControl(controlled: Controlled, port = 0): Promise<{ origin: string; server: Server }> {
  const server = createServer((request, response) => {
    answer(request, controlled).then(
      (reply) => writeReply(response, reply, Date.now()),
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
