import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import type { ProblemFacts } from "../../problem.ts";
import { fromOurPage } from "../session/origin.ts";
import { cookieName, exchangeCode, sessionLivesMs } from "../session/session.ts";
import { contentPolicy } from "./security-headers.ts";

/** Where the page exchanges its code. */
export const sessionPath = "/api/session";

const largestBody = 1024;
const asked = z.object({ code: z.string().min(1).max(200) });
const again =
  "Press Enter in the terminal of npm run setup, or run npm run setup again, and open the link that it prints.";

/**
 * Wrong codes that are answered; more get 429. The right code is never turned away, however many wrong ones come: else
 * any user of this machine could lock its owner out. What keeps a code from being guessed is its 128 bits.
 */
export class WrongCodes {
  private left: number;
  private at = 0;

  constructor(
    private readonly most = 20,
    private readonly perSecond = 5,
  ) {
    this.left = most;
  }

  /** Counts one wrong code at `now` (milliseconds). False where there were too many lately. */
  count(now: number): boolean {
    this.left = Math.min(this.most, this.left + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > largestBody) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

function readCode(body: string | undefined): string | undefined {
  try {
    return asked.safeParse(JSON.parse(body ?? "")).data?.code;
  } catch {
    return undefined;
  }
}

/** Answers POST /api/session: a one-time code for a session. */
export async function answerSession(
  request: IncomingMessage,
  response: ServerResponse,
  options: { sessionFile: string; port: number; wrongCodes: WrongCodes },
): Promise<void> {
  const answer = (
    status: number,
    body: { writeToken: string } | { problem: ProblemFacts },
    headers: Record<string, string> = {},
  ) => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "Content-Type": "application/json; charset=utf-8",
      "Content-Length": Buffer.byteLength(text),
      "Content-Security-Policy": contentPolicy,
      ...headers,
    });
    response.end(text);
  };
  const refuse = (status: number, code: string, says: string, headers?: Record<string, string>) =>
    answer(
      status,
      { problem: { code, says, remedy: { kind: "sentence", says: again } } },
      { Connection: "close", ...headers },
    );

  if (request.method !== "POST")
    return refuse(405, "session.wrong-method", "A code is exchanged with POST.", { Allow: "POST" });
  const { host, origin } = request.headers;
  const fetchSite = request.headers["sec-fetch-site"];
  if (!fromOurPage({ host, origin, fetchSite: typeof fetchSite === "string" ? fetchSite : undefined })) {
    return refuse(403, "session.foreign-origin", "This request does not come from this page.");
  }
  const code = readCode(await bodyOf(request));
  const session = code === undefined ? undefined : exchangeCode(options.sessionFile, code);
  if (!session) {
    return options.wrongCodes.count(Date.now())
      ? refuse(401, "session.code-not-valid", "This code is wrong, was used before, or is older than ten minutes.")
      : refuse(429, "session.too-many-codes", "Too many wrong codes came in the last seconds.", { "Retry-After": "1" });
  }
  answer(
    200,
    { writeToken: session.write },
    {
      "Set-Cookie": `${cookieName(options.port)}=${session.read}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionLivesMs / 1000}`,
    },
  );
}
