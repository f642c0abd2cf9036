import { createServer } from "node:https";
import { join } from "node:path";
import type { Files } from "../machine/machine.ts";
import { runCertificates } from "./certificates.ts";
import { listenForControl } from "./control.ts";
import { coinbaseStandIn } from "./feeds/coinbase.ts";
import { krakenStandIn } from "./feeds/kraken.ts";
import { priceModel } from "./feeds/prices.ts";
import type { DialectName } from "./kalshi/dialects/dialect.ts";
import { type KalshiStandIn, kalshiStandIn } from "./kalshi/stand-in.ts";
import type { KeyRegistration } from "./kalshi/state.ts";
import { type RequestLog, requestLog } from "./requests.ts";
import { refuseUpgrade, type StandIn, textReply, writeReply } from "./stand-in.ts";

/** Which stand-in answers for which name. These are the hosts that REC.IO has in its code, and their successors. */
const names = {
  prod: ["api.elections.kalshi.com", "external-api.kalshi.com", "external-api-ws.kalshi.com"],
  demo: ["demo-api.kalshi.co", "external-api.demo.kalshi.co", "external-api-ws.demo.kalshi.co"],
  coinbase: ["ws-feed.exchange.coinbase.com", "api.exchange.coinbase.com", "api.coinbase.com"],
  kraken: ["api.kraken.com"],
} as const;

export const outsideHosts: readonly string[] = Object.values(names).flat();

export interface OutsideOptions {
  files: Files;
  /** Gets the authority's certificate, the lines of a hosts file, and the log of requests. Made if missing, 0700. */
  folder: string;
  dialect: DialectName;
  keys?: { prod?: readonly KeyRegistration[]; demo?: readonly KeyRegistration[] };
  address?: string;
  /** The port that REC.IO's URLs mean; another one is of use only to tests. */
  port?: number;
  controlPort?: number;
  /** Chooses another course of prices. */
  seed?: number;
}

export interface Outside {
  /** PEM file of the authority that a client must trust. */
  authorityFile: string;
  /** Lines for /etc/hosts. */
  hostsLines: readonly string[];
  /** File with those lines, beginning with localhost. */
  hostsFile: string;
  /** One JSON line a request. */
  requestsFile: string;
  /** "http://127.0.0.1:PORT" of the control listener. */
  control: string;
  port: number;
  kalshi: Readonly<Record<"prod" | "demo", KalshiStandIn>>;
  requests: RequestLog;
  stop(): Promise<void>;
}

/**
 * Starts the whole outside world behind TLS on one address: every host of Kalshi, Coinbase and Kraken that REC.IO asks,
 * told apart by the Host header, with certificates of an authority of this run's own. Meant for a private network
 * namespace whose hosts file leads the names here.
 */
export async function startOutside(options: OutsideOptions): Promise<Outside> {
  const { files, folder, dialect, address = "127.0.0.1", port = 443, seed = 1 } = options;
  await files.makeFolder(folder, 0o700);
  const requestsFile = join(folder, "requests.ndjson");
  let written = files.write(requestsFile, "", 0o600);
  const requests = requestLog((request) => {
    // One after the other: lines that are appended at once may be torn.
    written = written.then(() => files.append(requestsFile, `${JSON.stringify(request)}\n`, 0o600)).catch(() => {});
  });
  const prices = priceModel(seed);
  const exchange = (environment: "prod" | "demo") =>
    kalshiStandIn({ environment, dialect, prices, requests, keys: options.keys?.[environment] ?? [] });
  const kalshi = { prod: exchange("prod"), demo: exchange("demo") };
  const coinbase = coinbaseStandIn({ prices, requests });
  const byKind: Record<keyof typeof names, StandIn> = {
    ...kalshi,
    coinbase,
    kraken: krakenStandIn({ prices, requests }),
  };
  const byName = new Map<string, StandIn>();
  for (const kind of ["prod", "demo", "coinbase", "kraken"] as const) {
    for (const name of names[kind]) byName.set(name, byKind[kind]);
  }
  const standInOf = (host: string | undefined) => byName.get((host ?? "").split(":", 1)[0]?.toLowerCase() ?? "");

  const { authority, certificate, key } = runCertificates(outsideHosts);
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const standIn = standInOf(request.headers.host);
    if (standIn) standIn.handle(request, response);
    else writeReply(response, textReply("no stand-in answers for this name\n", 421), Date.now());
  });
  server.on("upgrade", (request, socket, head) => {
    const standIn = standInOf(request.headers.host);
    if (standIn) standIn.upgrade(request, socket, head);
    else refuseUpgrade(socket, textReply("no stand-in answers for this name\n", 421), Date.now());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  const listening = server.address();
  const control = await listenForControl({ kalshi, coinbase, requests }, options.controlPort);

  const authorityFile = join(folder, "authority.pem");
  const hostsFile = join(folder, "hosts");
  const hostsLines = outsideHosts.map((name) => `${address} ${name}`);
  await files.write(authorityFile, authority, 0o644);
  await files.write(hostsFile, `127.0.0.1 localhost\n::1 localhost\n${hostsLines.join("\n")}\n`, 0o644);
  return {
    authorityFile,
    hostsLines,
    hostsFile,
    requestsFile,
    control: control.origin,
    port: typeof listening === "object" && listening !== null ? listening.port : port,
    kalshi,
    requests,
    async stop() {
      for (const standIn of Object.values(byKind)) standIn.close();
      for (const listener of [server, control.server]) {
        listener.closeAllConnections();
        await new Promise((resolve) => listener.close(resolve));
      }
      await written;
    },
  };
}
