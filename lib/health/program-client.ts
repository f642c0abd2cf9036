import { type IncomingMessage, request } from "node:http";
import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { type Method, routeFor } from "./program-routes.ts";
import type { HeldLock } from "./proofs/means/order-lock.ts";

/** What one of REC.IO's programs answered. More than 16 MiB is refused. */
export interface ProgramAnswer {
  /** "GET /api/db/trades of main_app", for evidence. */
  asked: string;
  status: number;
  type: string;
  text: string;
  location?: string;
  tookMs: number;
}

export interface ProgramRequest {
  program: string;
  method: Method;
  path: string;
  query?: Readonly<Record<string, string>>;
  /** POST only, sent as JSON. */
  body?: Readonly<Record<string, unknown>>;
  /** Default 5 000. */
  timeoutMs?: number;
  /** Wanted by the routes that change what live trading reads. */
  lock?: HeldLock;
  /** Sent instead of the program's own address, to see whether a foreign name is refused. GET only. */
  host?: string;
}

const mostBytes = 16 * 1024 * 1024;

function refused(says: string): Problem {
  return new Problem({
    code: "program.never-asked",
    says,
    remedy: sentence("This is a fault of this page, not of REC.IO."),
  });
}

function noAnswer(program: string, asked: string, why: string, cause?: unknown): Problem {
  return new Problem(
    {
      code: "program.no-answer",
      says: `${program} does not answer: ${why}.`,
      remedy: sentence(`Look at the log of ${program}.`),
      evidence: { asked, cameBack: why },
    },
    { cause },
  );
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens on its port",
  ECONNRESET: "it broke the connection off",
  ETIMEDOUT: "no answer in time",
};

function read(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) incoming.destroy(new Error("more than 16 MiB came back"));
      else chunks.push(chunk);
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    incoming.on("error", reject);
    incoming.on("aborted", () => reject(new Error("it broke off in the middle of its answer")));
  });
}

function send(url: URL, wanted: ProgramRequest, signal: AbortSignal): Promise<Omit<ProgramAnswer, "asked" | "tookMs">> {
  const payload = wanted.body === undefined ? undefined : Buffer.from(JSON.stringify(wanted.body));
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: url.hostname,
        port: url.port,
        method: wanted.method,
        path: url.pathname + url.search,
        // No connection is kept: a program that was restarted must not be judged by a socket of its predecessor.
        agent: false,
        signal,
        headers: {
          host: wanted.host ?? url.host,
          accept: "application/json",
          ...(payload ? { "content-type": "application/json", "content-length": payload.length } : {}),
        },
      },
      (incoming) => {
        read(incoming).then(
          (text) =>
            resolve({
              status: incoming.statusCode ?? 0,
              type: incoming.headers["content-type"] ?? "",
              text,
              ...(incoming.headers.location ? { location: incoming.headers.location } : {}),
            }),
          reject,
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

/**
 * The only way in which this product speaks to REC.IO's own programs: on loopback, without following redirects, and
 * only what program-routes.ts allows. Resolves with whatever came back; {@link jsonOf} judges the body.
 * @throws Problem `program.never-asked` for everything that is not allowed, before anything is sent;
 *   `program.no-answer` where no HTTP answer came within `timeoutMs`; the signal's reason where it was aborted.
 */
export async function askProgram(
  world: Pick<World, "checkout">,
  wanted: ProgramRequest,
  signal: AbortSignal,
): Promise<ProgramAnswer> {
  const { program, method, path } = wanted;
  const route = routeFor(program, method, path, Object.keys(wanted.query ?? {}));
  if ("refused" in route) throw refused(route.refused);
  const asked = `${method} ${path} of ${program}`;
  const why = route.refuses?.(wanted.body ?? {});
  if (why) throw refused(`${asked} is not sent: ${why}.`);
  if (method === "GET" && wanted.body) throw refused(`${asked} is not sent with a body.`);
  if (route.needsLock && !wanted.lock) throw refused(`${asked} is not sent while the order lock is not known to hold.`);
  return askOnLoopback(world, wanted, signal);
}

/**
 * Asks a route of GET that was found in the program's own source, without query and without body: for the census alone.
 * @throws as {@link askProgram}
 */
export function askFoundRoute(
  world: Pick<World, "checkout">,
  { program, path }: Pick<ProgramRequest, "program" | "path">,
  signal: AbortSignal,
): Promise<ProgramAnswer> {
  return askOnLoopback(world, { program, path, method: "GET", timeoutMs: 5_000 }, signal);
}

async function askOnLoopback(
  world: Pick<World, "checkout">,
  wanted: ProgramRequest,
  signal: AbortSignal,
): Promise<ProgramAnswer> {
  const { program, method, path } = wanted;
  const asked = `${method} ${path} of ${program}`;
  const url = new URL(path, await world.checkout.urlOf(program));
  if (url.hostname !== "127.0.0.1" || url.protocol !== "http:")
    throw refused(`${asked} is not sent to ${url.host}: that is not this machine.`);
  for (const [name, value] of Object.entries(wanted.query ?? {})) url.searchParams.set(name, value);
  const timeoutMs = wanted.timeoutMs ?? 5000;
  const timeout = AbortSignal.timeout(timeoutMs);
  const started = performance.now();
  try {
    const answer = await send(url, wanted, AbortSignal.any([signal, timeout]));
    return { asked, tookMs: Math.round(performance.now() - started), ...answer };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted)
      throw noAnswer(program, asked, `nothing came within ${Math.round(timeoutMs / 1000)} s`, thrown);
    const code = (thrown as { code?: string }).code ?? "";
    throw noAnswer(program, asked, reasons[code] ?? (thrown instanceof Error ? thrown.message : code), thrown);
  }
}

/** At most 200 characters of what came back, on one line. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function misled(answer: ProgramAnswer, code: string, says: string): Problem {
  return new Problem({
    code,
    says,
    remedy: sentence("Look at the program's log."),
    evidence: { asked: answer.asked, cameBack: `${answer.status} ${excerpt(answer.text)}` },
  });
}

/** The text of an `error` in a body, wherever this checkout hides one, or undefined. */
export function hiddenError(body: unknown): string | undefined {
  if (Array.isArray(body)) {
    // A handler that returned `({"error": …}, 503)`: FastAPI makes of it an array with status 200.
    const [first, status] = body;
    if (body.length === 2 && typeof status === "number" && status >= 400 && status <= 599)
      return `${status} ${hiddenError(first) ?? ""}`.trim();
    return undefined;
  }
  if (typeof body !== "object" || body === null) return undefined;
  const { error, status, message } = body as { error?: unknown; status?: unknown; message?: unknown };
  if (error !== undefined && error !== null && error !== false)
    return typeof error === "string" ? error : JSON.stringify(error);
  if (status === "error") return typeof message === "string" ? message : "its status is error";
  return undefined;
}

/**
 * The JSON of an answer that is one: a status of 2xx, JSON, and no error hidden in the body. Rule: an HTTP 200 proves
 * nothing, the body does.
 * @param allowError bodies in which an `error` beside `success: false` is a regular answer (a refused login).
 * @throws Problem `program.answered-error`, `program.answered-no-json`, `program.hid-an-error`.
 */
export function jsonOf(answer: ProgramAnswer, allowError = false): unknown {
  if (answer.status < 200 || answer.status > 299)
    throw misled(answer, "program.answered-error", `${answer.asked} answers ${answer.status}.`);
  let body: unknown;
  try {
    body = JSON.parse(answer.text);
  } catch {
    const what = /^\s*</.test(answer.text) ? "HTML" : "no JSON";
    throw misled(
      answer,
      "program.answered-no-json",
      `${answer.asked} answers ${answer.status} with ${what} instead of JSON.`,
    );
  }
  const error = allowError && !Array.isArray(body) ? undefined : hiddenError(body);
  if (error !== undefined)
    throw misled(
      answer,
      "program.hid-an-error",
      `${answer.asked} answers ${answer.status} and hides an error: ${excerpt(error)}.`,
    );
  return body;
}

/** Asks and judges in one breath. */
export async function askJson(
  world: Pick<World, "checkout">,
  wanted: ProgramRequest,
  signal: AbortSignal,
): Promise<unknown> {
  return jsonOf(await askProgram(world, wanted, signal));
}

/** The body as an object, or an empty one: the judges then miss what they look for. */
export function fields(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
}
