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
  /** What an order asked for, where the request was one. */
  order?: { ticker: string; side: string; action: string; count: number };
}

/** What came in, in order. Kept whole: a rehearsal sees a few requests a second. */
export interface RequestLog {
  note(request: SeenRequest): void;
  all(): readonly SeenRequest[];
  /** Every request that was not a GET: the product itself sends none, an order of REC.IO's is one. */
  notGet(): readonly SeenRequest[];
  forget(): void;
}

/** @param follow is told of each request as it is noted. */
export function requestLog(follow: (request: SeenRequest) => void = () => {}): RequestLog {
  let seen: SeenRequest[] = [];
  return {
    note(request) {
      seen.push(request);
      follow(request);
    },
    all: () => seen,
    notGet: () => seen.filter(({ method }) => method !== "GET"),
    forget() {
      seen = [];
    },
  };
}
