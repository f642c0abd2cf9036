import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Server as NetServer } from "node:net";
import { expect, test } from "playwright/test";
import { isProblem, type Problem } from "../../problem.ts";
import { runCertificates } from "../../rehearsal/certificates.ts";
import { proxyFor } from "./proxy.ts";
import { httpGet } from "./transport.ts";

const open: NetServer[] = [];
test.afterEach(async () => {
  for (const server of open.splice(0)) {
    (server as Server).closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening<Kind extends NetServer>(server: Kind): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function lost(address: string, environment: Record<string, string> = {}, timeoutMs = 2_000): Promise<Problem> {
  try {
    await httpGet(address, { headers: {}, environment, timeoutMs });
  } catch (thrown) {
    if (isProblem(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("an answer came");
}

/** A server with a certificate that nobody here trusts. */
function untrusted() {
  const { certificate, key } = runCertificates(["kalshi.test", "localhost"]);
  return createSecureServer({ cert: certificate, key }, (_request, response) => response.end("{}"));
}

/** A proxy that leads every CONNECT to one port, or refuses it. */
function proxyTo(port: number | "refuse") {
  const proxy = createServer();
  proxy.on("connect", (_request, socket) => {
    if (port === "refuse") return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    proxy.once("close", () => onward.destroy());
  });
  return proxy;
}

test("A certificate that is not trusted is told apart", async () => {
  const port = await listening(untrusted());
  const problem = await lost(`https://localhost:${port}/x`);
  expect(problem.code).toBe("kalshi.unreachable-tls");
  expect(problem.says).toContain("does not trust");
});

test("A server that never answers is given up in time", async () => {
  const port = await listening(createServer(() => {}));
  const begun = performance.now();
  expect((await lost(`http://127.0.0.1:${port}/x`, {}, 300)).code).toBe("kalshi.unreachable-timeout");
  expect(performance.now() - begun).toBeLessThan(1_500);
});

test("A proxy is used for hosts outside, and its refusal is named as the proxy's", async () => {
  const target = await listening(untrusted());
  const through = await listening(proxyTo(target));
  // The tunnel works where the far end's certificate is what fails.
  expect((await lost("https://kalshi.test/x", { HTTPS_PROXY: `http://127.0.0.1:${through}` })).code).toBe(
    "kalshi.unreachable-tls",
  );
  const refusing = await listening(proxyTo("refuse"));
  const refused = await lost("https://kalshi.test/x", { HTTPS_PROXY: `http://user:secret@127.0.0.1:${refusing}` });
  expect(refused.code).toBe("kalshi.unreachable-proxy");
  expect(`${refused.says} ${JSON.stringify(refused.evidence)}`).toContain("407");
  expect(JSON.stringify(refused)).not.toContain("secret");
});

test("Loopback and the names of NO_PROXY go without the proxy", () => {
  const environment = { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: ".kalshi.co, example.org" };
  expect(proxyFor(new URL("https://api.elections.kalshi.com/"), environment)?.hostname).toBe("proxy");
  for (const address of [
    "https://demo-api.kalshi.co/",
    "https://example.org/",
    "http://127.0.0.1:1/",
    "https://localhost/",
  ]) {
    expect(proxyFor(new URL(address), environment)).toBeUndefined();
  }
});

test("A redirect is an answer, never followed", async () => {
  const seen: string[] = [];
  const port = await listening(
    createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(301, { location: "/elsewhere" }).end();
    }),
  );
  const answer = await httpGet(`http://127.0.0.1:${port}/here/`, { headers: {}, environment: {}, timeoutMs: 1_000 });
  expect(answer.status).toBe(301);
  expect(seen).toEqual(["GET /here/"]);
});
