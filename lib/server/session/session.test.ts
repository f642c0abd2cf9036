import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { fromOurPage, localHosts } from "./origin.ts";
import {
  codeLivesMs,
  cookieName,
  cookieValue,
  exchangeCode,
  mayRead,
  mayWrite,
  mintCode,
  type NewSession,
  sessionLivesMs,
} from "./session.ts";

let folder: string;
let file: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "launcher-session-"));
  file = join(folder, "session.json");
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const port = 5173;
const cookie = (session: NewSession, at = port) => `${cookieName(at)}=${session.read}`;
const session = () => exchangeCode(file, mintCode(file).code) as NewSession;

test("a code has 128 bits and is kept as a hash in a private file", () => {
  const { code } = mintCode(file);
  expect(Buffer.from(code, "base64url")).toHaveLength(16);
  expect(readFileSync(file, "utf8")).not.toContain(code);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("neither half of a session stands in the file", () => {
  const { read, write } = session();
  expect(read).not.toBe(write);
  expect(readFileSync(file, "utf8")).not.toContain(read);
  expect(readFileSync(file, "utf8")).not.toContain(write);
});

test("a code is good for ten minutes and no longer", () => {
  const now = 1_000_000;
  expect(exchangeCode(file, mintCode(file, now).code, now + codeLivesMs - 1)).toBeDefined();
  expect(exchangeCode(file, mintCode(file, now).code, now + codeLivesMs)).toBeUndefined();
});

test("a wrong code spends no other", () => {
  const { code } = mintCode(file);
  expect(exchangeCode(file, "wrong")).toBeUndefined();
  expect(exchangeCode(file, code)).toBeDefined();
  expect(exchangeCode(file, code)).toBeUndefined();
});

test("an earlier code stays good when another is minted", () => {
  const first = mintCode(file);
  mintCode(file);
  expect(exchangeCode(file, first.code)).toBeDefined();
});

test("the cookie reads and does not write; the token of another session writes nothing", () => {
  const [one, other] = [session(), session()];
  expect(mayRead(file, port, cookie(one))).toBe(true);
  expect(mayWrite(file, port, cookie(one), one.write)).toBe(true);
  expect(mayWrite(file, port, cookie(one), "")).toBe(false);
  expect(mayWrite(file, port, cookie(one), one.read)).toBe(false);
  expect(mayWrite(file, port, cookie(one), other.write)).toBe(false);
  expect(mayWrite(file, port, undefined, one.write)).toBe(false);
  expect(mayRead(file, port, `${cookieName(port)}=${one.write}`)).toBe(false);
});

test("the cookie of a page on another port opens nothing here", () => {
  expect(mayRead(file, port, cookie(session(), 3000))).toBe(false);
});

test("a cookie that stands twice opens nothing", () => {
  const header = cookie(session());
  expect(cookieValue(`a=1; ${header}; b=2`, cookieName(port))).toBeDefined();
  expect(mayRead(file, port, `${header}; ${cookieName(port)}=planted`)).toBe(false);
});

test("a session lasts a month", () => {
  const now = 1_000_000;
  const made = exchangeCode(file, mintCode(file, now).code, now) as NewSession;
  expect(mayRead(file, port, cookie(made), now + sessionLivesMs - 1)).toBe(true);
  expect(mayRead(file, port, cookie(made), now + sessionLivesMs)).toBe(false);
});

test("a session file that was torn lets nobody in and does not stop a new code", () => {
  const made = session();
  writeFileSync(file, '{"codes": [');
  expect(mayRead(file, port, cookie(made))).toBe(false);
  expect(exchangeCode(file, mintCode(file).code)).toBeDefined();
});

test("a write comes from our own page or not at all", () => {
  const host = `localhost:${port}`;
  expect(fromOurPage({ host, origin: `http://${host}`, fetchSite: undefined })).toBe(true);
  expect(fromOurPage({ host, origin: `http://${host}`, fetchSite: "same-origin" })).toBe(true);
  for (const fetchSite of ["same-site", "cross-site", "none", ""])
    expect(fromOurPage({ host, origin: `http://${host}`, fetchSite })).toBe(false);
  for (const origin of [undefined, "null", "http://localhost", `https://${host}`, `http://127.0.0.1:${port}`]) {
    expect(fromOurPage({ host, origin, fetchSite: undefined })).toBe(false);
  }
  expect(localHosts(80).has("localhost")).toBe(true);
  expect(localHosts(port).has("localhost")).toBe(false);
});
