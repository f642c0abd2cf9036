import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { freePortAbove } from "../port-choice.ts";
import { mintCode } from "../session/session.ts";
import { type Listener, listen, type RequestHandler } from "./listener.ts";

let folder: string;
let sessionFile: string;
let listener: Listener;
let port: number;
let handle: RequestHandler;

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "launcher-listener-"));
  sessionFile = join(folder, "session.json");
  port = (await freePortAbove(21_000 + test.info().workerIndex * 100)) as number;
  handle = (request, response) =>
    response.end(`served ${request.url} ${JSON.stringify(request.headers)} ${request.rawHeaders.join(" ")}`);
  listener = await listen({
    port,
    sessionFile,
    handle: (request, response) => handle(request, response),
    log: () => {},
  });
});
test.afterEach(async () => {
  await listener.close(100);
  rmSync(folder, { recursive: true, force: true });
});

/** Sends bytes as they are and returns everything that comes back until the connection ends. */
async function raw(text: string, host = "127.0.0.1"): Promise<string> {
  const socket = connect(port, host);
  let got = "";
  socket.setEncoding("utf8").on("data", (part) => {
    got += part;
  });
  socket.write(text);
  await once(socket, "close");
  return got;
}
const status = (answer: string) => Number(answer.split(" ")[1]);
const get = (target: string, ...headers: string[]) =>
  `GET ${target} HTTP/1.1\r\n${[...headers, "Connection: close"].join("\r\n")}\r\n\r\n`;

test("the names of this machine are served, by IPv4 and IPv6", async () => {
  for (const name of ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
    expect(status(await raw(get("/", `Host: ${name}:${port}`)))).toBe(200);
  expect(listener.addresses).toContain("127.0.0.1");
  if (listener.addresses.includes("::1")) expect(status(await raw(get("/", `Host: [::1]:${port}`), "::1"))).toBe(200);
});

for (const [what, ...hosts] of [
  ["a foreign name", "Host: evil.example:PORT"],
  ["a name that only begins like ours", "Host: localhost.evil.example:PORT"],
  ["no port", "Host: localhost"],
  ["another port", "Host: localhost:1"],
  ["a doubled Host", "Host: localhost:PORT", "Host: evil.example"],
  ["the same Host twice", "Host: localhost:PORT", "host: localhost:PORT"],
  ["two hosts in one header", "Host: localhost:PORT, evil.example"],
  ["a user before the host", "Host: x@localhost:PORT"],
  ["a trailing dot", "Host: localhost.:PORT"],
  ["every address", "Host: 0.0.0.0:PORT"],
  ["no Host"],
] as const) {
  test(`${what} gets 421 and a page that says how to tunnel`, async () => {
    const answer = await raw(get("/", ...hosts.map((host) => host.replace("PORT", String(port)))));
    expect(status(answer)).toBe(421);
    expect(answer).toContain(`ssh -L ${port}:localhost:${port}`);
    expect(answer).not.toContain("served /");
    expect(answer).not.toContain("evil");
  });
}

for (const target of ["http://localhost/", "http://evil.example/", "//evil.example/", "/\\evil.example", "*"]) {
  test(`the target ${target} is refused`, async () => {
    const answer = await raw(get(target, `Host: localhost:${port}`));
    expect(status(answer)).toBe(400);
    expect(answer).not.toContain("Location");
  });
}

test("what only a proxy may say is stripped", async () => {
  const answer = await raw(
    get(
      "/x",
      `Host: localhost:${port}`,
      "X-Forwarded-Host: evil.example",
      "Forwarded: host=evil.example",
      "X-Real-IP: evil",
      "Accept: kept",
    ),
  );
  expect(status(answer)).toBe(200);
  expect(answer).not.toContain("evil");
  expect(answer).toContain("kept");
});

test("every answer carries the security headers, and only hashed files may be kept", async () => {
  const page = await raw(get("/", `Host: localhost:${port}`));
  for (const header of [
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Cross-Origin-Opener-Policy: same-origin",
    "Cache-Control: no-store",
  ]) {
    expect(page).toContain(header);
  }
  expect(await raw(get("/_next/static/x.js", `Host: localhost:${port}`))).not.toContain("no-store");
});

test("a handler that throws gives a page and not a stack", async () => {
  handle = async () => {
    throw new Error("secret detail");
  };
  const answer = await raw(get("/", `Host: localhost:${port}`));
  expect(status(answer)).toBe(500);
  expect(answer).not.toContain("secret detail");
});

test("a port that is taken on one address only is taken", async () => {
  const other = createTcpServer();
  const taken = (await freePortAbove(port + 1)) as number;
  await new Promise<void>((resolve) =>
    other.listen(taken, listener.addresses.includes("::1") ? "::1" : "127.0.0.1", resolve),
  );
  await expect(listen({ port: taken, sessionFile, handle, log: () => {} })).rejects.toThrow(
    `Port ${taken} is taken on`,
  );
  await new Promise((resolve) => other.close(resolve));
  const after = await listen({ port: taken, sessionFile, handle, log: () => {} });
  await after.close(0);
});

test("closing ends open streams after their grace", async () => {
  handle = (_request, response) => response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
  await once(socket, "data");
  const began = Date.now();
  const ended = once(socket, "close");
  await listener.close(200);
  await ended;
  expect(Date.now() - began).toBeLessThan(1_000);
  listener = { addresses: [], close: async () => {} };
});

const exchange = (code: unknown, headers: Record<string, string> = {}) =>
  fetch(`http://localhost:${port}/api/session`, {
    method: "POST",
    headers: { Origin: `http://localhost:${port}`, "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ code }),
  });

test("a code gives a session once, in a cookie that scripts cannot read", async () => {
  const { code } = mintCode(sessionFile);
  const answer = await exchange(code);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("set-cookie")).toMatch(
    new RegExp(`^rec-io-setup-${port}=[\\w-]{22}; Path=/; HttpOnly; SameSite=Strict; Max-Age=\\d+$`),
  );
  expect(await answer.json()).toEqual({ writeToken: expect.stringMatching(/^[\w-]{22}$/) });
  const replayed = await exchange(code);
  expect(replayed.status).toBe(401);
  expect(replayed.headers.get("set-cookie")).toBeNull();
});

test("a foreign origin, a missing origin and a cross-site fetch get nothing, and the code stays good", async () => {
  const { code } = mintCode(sessionFile);
  expect((await exchange(code, { Origin: "http://evil.example" })).status).toBe(403);
  expect((await exchange(code, { Origin: `http://localhost:${port + 1}` })).status).toBe(403);
  expect((await exchange(code, { Origin: "null" })).status).toBe(403);
  const withoutOrigin = await raw(
    `POST /api/session HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
  expect(status(withoutOrigin)).toBe(403);
  const crossSite = await raw(
    `POST /api/session HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: http://localhost:${port}\r\nSec-Fetch-Site: same-site\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
  expect(status(crossSite)).toBe(403);
  expect((await exchange(code)).status).toBe(200);
});

test("many wrong codes are slowed down, and the owner still gets in", async () => {
  const { code } = mintCode(sessionFile);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 40; attempt++) statuses.push((await exchange(`wrong ${attempt}`)).status);
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
  expect(statuses).toContain(429);
  expect((await exchange(code)).status).toBe(200);
});

test("a body that is no code is refused in one sentence", async () => {
  for (const bad of [undefined, 7, "", "x".repeat(300)]) expect((await exchange(bad)).status).toBe(401);
  const large = await exchange("x".repeat(100_000)).catch(() => ({ status: 401 }));
  expect(large.status).toBe(401);
  expect((await fetch(`http://localhost:${port}/api/session`)).status).toBe(405);
});

test("a server elsewhere on this machine is not ours", async () => {
  // Guards the tests above: `fetch` really goes to the listener under test.
  const other = createServer((_request, response) => response.end("other"));
  const otherPort = (await freePortAbove(port + 1)) as number;
  await new Promise<void>((resolve) => other.listen(otherPort, "127.0.0.1", resolve));
  expect(await (await fetch(`http://127.0.0.1:${otherPort}/`)).text()).toBe("other");
  await new Promise((resolve) => other.close(resolve));
});
