import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { userAgent } from "../../kalshi/wire/our-name.ts";
import { type PriceModel, priceModel } from "../feeds/prices.ts";
import { type RequestLog, requestLog, type SeenRequest } from "../requests.ts";
import {
  bodyOf,
  type Reply,
  refuseUpgrade,
  rendered,
  type StandIn,
  textReply,
  urlOf,
  writeReply,
} from "../stand-in.ts";
import { countForTheSuite } from "../suite-count.ts";
import { type Account, account } from "./account.ts";
import { authenticate, refusedTo } from "./auth.ts";
import { cents } from "./dialects/cents.ts";
import type { Dialect, DialectName } from "./dialects/dialect.ts";
import { dollarStrings } from "./dialects/dollars.ts";
import { type Faults, faults } from "./faults.ts";
import { moved, notThere, orderAskedFor, routeOf } from "./routes.ts";
import { type ExchangeState, exchangeState, type KeyRegistration, type RegisteredKey, registered } from "./state.ts";
import { feed } from "./websocket.ts";

const basePath = "/trade-api/v2";
const websocketPath = "/trade-api/ws/v2";
const callCost = 10;

export interface KalshiStandInOptions {
  environment: "prod" | "demo";
  dialect: DialectName;
  prices?: PriceModel;
  requests?: RequestLog;
  keys?: readonly KeyRegistration[];
  /** The true time, in milliseconds since the epoch. */
  now?: () => number;
  state?: Partial<ExchangeState>;
}

export interface KalshiStandIn extends StandIn {
  readonly state: ExchangeState;
  readonly faults: Faults;
  readonly account: Account;
  readonly requests: RequestLog;
  register(key: KeyRegistration): void;
  /** A revoked key: from now on it is not found. */
  revoke(keyId: string): void;
  move(patch: Partial<ExchangeState>): void;
  /** From now on everything is worded as this generation of the API words it. */
  speak(dialect: DialectName): void;
  /** Tells websocket listeners of the newest order's position, as after a fill. */
  announcePosition(): void;
}

/** One environment of the exchange, with keys of its own. A key of the other environment is unknown here. */
export function kalshiStandIn(options: KalshiStandInOptions): KalshiStandIn {
  const { environment, prices = priceModel(), requests = requestLog(), now: trueTime = Date.now } = options;
  const dialectOf = (wanted: DialectName): Dialect => (wanted === "2025" ? cents : dollarStrings);
  let dialect = dialectOf(options.dialect);
  const state = exchangeState.parse(options.state ?? {});
  const keys = new Map<string, RegisteredKey>();
  const holdings = account(trueTime());
  const failing = faults();
  const now = () => trueTime() + state.clockAheadMs;
  const live = feed({
    get dialect() {
      return dialect;
    },
    state,
    prices,
    account: holdings,
    now,
  });
  const name = `kalshi-${environment}`;

  const keyKind = (request: IncomingMessage): SeenRequest["key"] => {
    const id = request.headers["kalshi-access-key"];
    if (typeof id !== "string" || id === "") return "none";
    return keys.has(id.toLowerCase()) ? "known" : "unknown";
  };
  const note = (request: IncomingMessage, status: number, websocket: boolean, body = "") => {
    const order = request.method === "POST" ? orderAskedFor(body) : undefined;
    const seen: SeenRequest = {
      at: trueTime(),
      standIn: name,
      method: request.method ?? "",
      host: request.headers.host ?? "",
      path: request.url ?? "",
      status,
      websocket,
      key: keyKind(request),
      from: request.headers["user-agent"] === userAgent ? "setup" : "others",
      ...(order ? { order: { ticker: order.ticker, side: order.side, action: order.action, count: order.count } } : {}),
    };
    requests.note(seen);
    countForTheSuite(seen);
  };

  function answer(request: IncomingMessage, body: string): Reply {
    const url = urlOf(request);
    const method = request.method ?? "";
    if (state.legacyHost) return moved();
    if (!url.pathname.startsWith(`${basePath}/`)) return notThere();
    if (url.pathname.endsWith("/")) {
      return { status: 301, text: "", headers: { location: url.pathname.slice(0, -1) } };
    }
    const found = routeOf(method, url.pathname.slice(basePath.length), dialect.name);
    if (!found) return notThere();
    const { route, parameter } = found;
    const serverTime = now();
    const context = {
      dialect,
      state,
      prices,
      account: holdings,
      now: serverTime,
      query: url.searchParams,
      body,
      keys: keys.values(),
    };
    if (route.scope === undefined) return route.answer(context, parameter);
    const signed = { method, path: url.pathname, headers: request.headers };
    const checked = authenticate(signed, keys, state, serverTime);
    if ("refusal" in checked) return checked.refusal;
    const needs = { scope: route.scope, cost: callCost, ...(route.wholeAccount ? { wholeAccount: true } : {}) };
    const refusal = refusedTo(checked.key, needs, state, serverTime);
    return refusal ?? route.answer({ ...context, key: checked.key }, parameter);
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const fault = failing.next(urlOf(request).pathname.replace(basePath, ""));
    if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault?.reset) {
      note(request, 0, false, body);
      return void request.socket.destroy();
    }
    const ordersBefore = holdings.orders.length;
    const reply =
      fault?.status === undefined
        ? answer(request, body)
        : {
            status: fault.status,
            text: fault.body ?? "",
            headers: { "content-type": "application/json", ...fault.headers },
          };
    note(request, reply.status, false, body);
    if (fault?.truncate || fault?.slowBodyMs) {
      const { headers, body: whole } = rendered(reply, now());
      const half = Math.floor(whole.length / 2);
      response.writeHead(reply.status, headers);
      response.write(whole.slice(0, half), () => fault.truncate && request.socket.destroy());
      if (!fault.truncate) setTimeout(() => response.end(whole.slice(half)), fault.slowBodyMs);
      return;
    }
    writeReply(response, reply, now());
    const [newest] = holdings.orders;
    if (newest && holdings.orders.length > ordersBefore) live.announce(newest);
  }

  const standIn: KalshiStandIn = {
    name,
    state,
    faults: failing,
    account: holdings,
    requests,
    register(key) {
      const known = registered(key);
      keys.set(known.keyId, known);
    },
    revoke: (keyId) => void keys.delete(keyId.toLowerCase()),
    move: (patch) => void Object.assign(state, patch),
    speak(wanted) {
      dialect = dialectOf(wanted);
    },
    announcePosition() {
      const [newest] = holdings.orders;
      if (newest) live.announce(newest);
    },
    handle(request, response) {
      respond(request, response).catch(() => request.socket.destroy());
    },
    upgrade(request, socket, head) {
      const refuse = (reply: Reply) => {
        note(request, reply.status, true);
        refuseUpgrade(socket, reply, now());
      };
      const fault = failing.next("websocket");
      if (fault?.reset) {
        note(request, 0, true);
        return void socket.destroy();
      }
      if (fault?.status !== undefined)
        return refuse({ status: fault.status, text: fault.body ?? "", headers: fault.headers });
      if (state.legacyHost) return refuse(moved());
      if (urlOf(request).pathname !== websocketPath) return refuse(notThere());
      if (state.websocket === "refuse") return refuse(textReply("<html><body>502 Bad Gateway</body></html>", 502));
      const signed = { method: "GET", path: websocketPath, headers: request.headers };
      const checked = authenticate(signed, keys, state, now());
      if ("refusal" in checked) return refuse(checked.refusal);
      note(request, 101, true);
      live.accept(request, socket, head);
    },
    close: () => live.close(),
  };
  for (const key of options.keys ?? []) standIn.register(key);
  return standIn;
}

export interface ListeningStandIn {
  /** "http://127.0.0.1:PORT". */
  origin: string;
  stop(): Promise<void>;
}

/** Lets a stand-in listen on loopback without TLS: for tests, which give the product its address as a setting. */
export async function listen(standIn: StandIn, port = 0): Promise<ListeningStandIn> {
  const server = createServer((request, response) => standIn.handle(request, response));
  server.on("upgrade", (request, socket, head) => standIn.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      standIn.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
