import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { readIfThere, writePrivateFile } from "../state/private-file.ts";

/** A one-time code opens the page for ten minutes after it was minted. */
export const codeLivesMs = 10 * 60_000;
/** A session lasts a month: the next morning must lose nothing. */
export const sessionLivesMs = 30 * 24 * 60 * 60_000;
const keptSessions = 20;
const keptCodes = 20;

const sessionFile = z.object({
  codes: z.array(z.object({ hash: z.string(), expiresAt: z.number() })),
  sessions: z.array(z.object({ read: z.string(), write: z.string(), expiresAt: z.number() })),
});
type SessionFile = z.infer<typeof sessionFile>;

/** What an exchanged code gives: `read` goes into the cookie, `write` into localStorage. */
export interface NewSession {
  read: string;
  write: string;
}

/** 128 bits as 22 characters of base64url. */
function token(): string {
  return randomBytes(16).toString("base64url");
}

/** Only hashes are kept, so that a copy of the state folder opens nothing. The tokens are 128 random bits: no salt, no stretching. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function readSessions(path: string, now: number): SessionFile {
  const text = readIfThere(path);
  const empty: SessionFile = { codes: [], sessions: [] };
  if (text === undefined) return empty;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // A session file that cannot be read opens nothing; a new code makes a new one.
    return empty;
  }
  const file = sessionFile.safeParse(parsed);
  if (!file.success) return empty;
  return {
    codes: file.data.codes.filter((code) => code.expiresAt > now),
    sessions: file.data.sessions.filter((session) => session.expiresAt > now),
  };
}

/** Mints a one-time code and keeps its hash. Called by the holder of the state only. Returns the code and when it ends. */
export function mintCode(path: string, now: number = Date.now()): { code: string; expiresAt: number } {
  const file = readSessions(path, now);
  const code = token();
  const expiresAt = now + codeLivesMs;
  writePrivateFile(
    path,
    JSON.stringify({ ...file, codes: [...file.codes, { hash: hashOf(code), expiresAt }].slice(-keptCodes) }),
  );
  return { code, expiresAt };
}

/** Exchanges a code for a session, once. Undefined where the code is wrong, used or too old. */
export function exchangeCode(path: string, code: string, now: number = Date.now()): NewSession | undefined {
  const file = readSessions(path, now);
  const hash = hashOf(code);
  if (!file.codes.some((known) => same(known.hash, hash))) return undefined;
  const session: NewSession = { read: token(), write: token() };
  const kept = { read: hashOf(session.read), write: hashOf(session.write), expiresAt: now + sessionLivesMs };
  writePrivateFile(
    path,
    JSON.stringify({
      codes: file.codes.filter((known) => !same(known.hash, hash)),
      sessions: [...file.sessions, kept].slice(-keptSessions),
    }),
  );
  return session;
}

/**
 * Cookies ignore ports: a name with our port keeps the real page and the rehearsal apart. REC.IO's pages on other ports
 * of localhost receive this cookie too, which is why it authorises reading only.
 */
export function cookieName(port: number): string {
  return `rec-io-setup-${port}`;
}

/** The value of one cookie in a Cookie header. Where it stands twice, nothing: someone else planted one of them. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** True where the Cookie header carries a session that is known and young enough. */
export function mayRead(
  path: string,
  port: number,
  cookieHeader: string | undefined,
  now: number = Date.now(),
): boolean {
  const value = cookieValue(cookieHeader, cookieName(port));
  if (!value) return false;
  const hash = hashOf(value);
  return readSessions(path, now).sessions.some((session) => same(session.read, hash));
}

/** True where cookie and write token belong to one and the same session. */
export function mayWrite(
  path: string,
  port: number,
  cookieHeader: string | undefined,
  writeToken: string,
  now: number = Date.now(),
): boolean {
  const value = cookieValue(cookieHeader, cookieName(port));
  if (!value || typeof writeToken !== "string") return false;
  const [read, write] = [hashOf(value), hashOf(writeToken)];
  return readSessions(path, now).sessions.some((session) => same(session.read, read) && same(session.write, write));
}
