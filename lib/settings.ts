import { z } from "zod";
import { Problem, sentence } from "./problem.ts";

/** A REST base of Kalshi: https, or plain http on loopback, ending in the version's path. */
const kalshiBase = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return (url.protocol === "https:" || (url.protocol === "http:" && loopback)) && url.pathname === "/trade-api/v2";
}, "a base URL that ends in /trade-api/v2, https unless it is on loopback");

const feedBase = z.url();
const port = z.coerce.number().int().min(1).max(65_535);

const environment = z.object({
  REC_SETUP_STATE: z.string().min(1).optional(),
  REC_SETUP_PORT: port.optional(),
  // The hosts are the ones that REC.IO itself hard-codes (facts/kalshi.md section 1): what it will use is what is asked.
  REC_SETUP_KALSHI_PROD_URL: kalshiBase.default("https://api.elections.kalshi.com/trade-api/v2"),
  REC_SETUP_KALSHI_DEMO_URL: kalshiBase.default("https://demo-api.kalshi.co/trade-api/v2"),
  REC_SETUP_COINBASE_URL: feedBase.default("https://api.exchange.coinbase.com"),
  REC_SETUP_KRAKEN_URL: feedBase.default("https://api.kraken.com"),
  HOME: z.string().default("/"),
  XDG_STATE_HOME: z.string().optional(),
});

export type KalshiEnvironment = "demo" | "prod";

/** What the environment says, parsed once at start. */
export interface Settings {
  /** The folder of the state, where the environment names one. */
  readonly state?: string;
  readonly port?: number;
  readonly kalshi: Readonly<Record<KalshiEnvironment, { rest: string; websocket: string }>>;
  readonly coinbaseUrl: string;
  readonly krakenUrl: string;
  readonly home: string;
  readonly xdgStateHome?: string;
}

/** The page's port where nobody asked for another: a rehearsal stands beside the real page. */
export const defaultPorts = { real: 5173, rehearsal: 5174 } as const;

/** The websocket that belongs to a REST base: the same host, ws for http, `/trade-api/ws/v2`. */
function websocketOf(rest: string): string {
  const url = new URL(rest);
  url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  url.pathname = "/trade-api/ws/v2";
  return url.href;
}

/**
 * Reads the settings from an environment. The only place that looks at `process.env`.
 * @throws Problem `settings.not-usable`, naming the variable.
 */
export function readSettings(from: Record<string, string | undefined> = process.env): Settings {
  const parsed = environment.safeParse(from);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? "the environment");
    throw new Problem({
      code: "settings.not-usable",
      says: `${name} is not usable: it must be ${issue?.message ?? "different"}.`,
      remedy: sentence(`Correct or unset ${name} and start again.`),
    });
  }
  const env = parsed.data;
  return {
    ...(env.REC_SETUP_STATE ? { state: env.REC_SETUP_STATE } : {}),
    ...(env.REC_SETUP_PORT ? { port: env.REC_SETUP_PORT } : {}),
    kalshi: {
      prod: { rest: env.REC_SETUP_KALSHI_PROD_URL, websocket: websocketOf(env.REC_SETUP_KALSHI_PROD_URL) },
      demo: { rest: env.REC_SETUP_KALSHI_DEMO_URL, websocket: websocketOf(env.REC_SETUP_KALSHI_DEMO_URL) },
    },
    coinbaseUrl: env.REC_SETUP_COINBASE_URL,
    krakenUrl: env.REC_SETUP_KRAKEN_URL,
    home: env.HOME,
    ...(env.XDG_STATE_HOME ? { xdgStateHome: env.XDG_STATE_HOME } : {}),
  };
}

/** Names the file in which the stand-ins of a test run note who asked the exchange what; nobody sets it otherwise. */
const exchangeCountVariable = "REC_SETUP_EXCHANGE_COUNT";

/** That file, or undefined outside a test run. */
export function exchangeCountFile(from: Record<string, string | undefined> = process.env): string | undefined {
  return from[exchangeCountVariable];
}

/**
 * The variables that a child may inherit: what programs need to find each other and to speak the person's language, a
 * proxy and a certificate authority where one is set. Nothing else, so that no secret of ours or the person's travels.
 */
export function childEnvironment(from: Record<string, string | undefined> = process.env): Record<string, string> {
  const allowed = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "USER",
    "LOGNAME",
    "DEBIAN_FRONTEND",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    exchangeCountVariable,
  ];
  return Object.fromEntries(allowed.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
