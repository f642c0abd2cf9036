/** One request as a stand-in saw it. Never a signature, a key id or a header. */
export interface SeenRequest {
  /** Milliseconds since the epoch. */
  at: number;
  /** "kalshi-prod", "kalshi-demo", "coinbase", "kraken". */
  standIn: string;
  method: string;
  host: string;
  /** Path with its query. */
  path: string;
  status: number;
  websocket: boolean;
  key: "none" | "known" | "unknown";
  /** This product, or anybody else: REC.IO's programs, a test. Told by the exchange alone. */
  from?: "setup" | "others";
  /** What an order asked for, where the request was one. */
  order?: { ticker: string; side: string; action: string; count: number };
}

/** What came in, in order. */
export interface RequestLog {
  note(request: SeenRequest): void;
  all(): readonly SeenRequest[];
  /** Every request that was not a GET: the product itself sends none, an order of REC.IO's is one. */
  notGet(): readonly SeenRequest[];
  forget(): void;
}

/**
 * @param follow is told of each request as it is noted.
 * @param most how many are kept of those that only read; the others are kept all, for each of them counts.
 */
export function requestLog(
  follow: (request: SeenRequest) => void = () => {},
  most = Number.POSITIVE_INFINITY,
): RequestLog {
  let seen: SeenRequest[] = [];
  return {
    note(request) {
      seen.push(request);
      // Thinned by halves, so that it is done seldom.
      if (seen.length > most) {
        const from = Math.floor(most / 2);
        seen = seen.filter(({ method }, index) => index >= from || method !== "GET");
      }
      follow(request);
    },
    all: () => seen,
    notGet: () => seen.filter(({ method }) => method !== "GET"),
    forget() {
      seen = [];
    },
  };
}
