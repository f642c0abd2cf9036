import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "playwright/test";
import { freshKey } from "../kalshi/test-exchange.ts";
import { localMachine } from "../machine/local-machine.ts";
import { type Outside, outsideHosts, startOutside } from "./outside.ts";

/** Asks each host over TLS as REC.IO's Python would, with the strictest verification that OpenSSL has. */
const asker = `
import http.client, json, socket, ssl, sys
authority, port, hosts = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
context = ssl.create_default_context(cafile=authority)
context.verify_flags |= ssl.VERIFY_X509_STRICT
answers = {}
for host in hosts:
    raw = socket.create_connection(("127.0.0.1", port))
    connection = http.client.HTTPSConnection(host, port)
    connection.sock = context.wrap_socket(raw, server_hostname=host)
    connection.request("GET", "/trade-api/v2/exchange/status", headers={"Host": host})
    answers[host] = connection.getresponse().status
    connection.close()
print(json.dumps(answers))
`;

let folder: string;
let outside: Outside;
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "outside-"));
  const { files } = localMachine({ stateFolder: folder });
  outside = await startOutside({
    files,
    folder: join(folder, "run"),
    dialect: "2025",
    keys: { prod: [freshKey()] },
    port: 0,
  });
});
test.afterEach(async () => {
  await outside.stop();
  await rm(folder, { recursive: true, force: true });
});

test("Python trusts the run's authority for every host, and each host has its own stand-in", async () => {
  const args = ["-c", asker, outside.authorityFile, String(outside.port), ...outsideHosts];
  const { stdout } = await promisify(execFile)("/usr/bin/python3", args);
  const answers: Record<string, number> = JSON.parse(stdout);
  expect(Object.keys(answers).sort()).toEqual([...outsideHosts].sort());
  expect(answers["api.elections.kalshi.com"]).toBe(200);
  expect(answers["api.exchange.coinbase.com"]).toBe(404);
  const seen = new Set(outside.requests.all().map(({ standIn }) => standIn));
  expect(seen).toEqual(new Set(["kalshi-prod", "kalshi-demo", "coinbase", "kraken"]));
});

test("The hosts file leads every name to the stand-ins, and no private key is on disk", async () => {
  const hosts = await readFile(outside.hostsFile, "utf8");
  for (const host of outsideHosts) expect(hosts).toContain(`127.0.0.1 ${host}\n`);
  expect((await stat(join(folder, "run"))).mode & 0o777).toBe(0o700);
  expect(await readFile(outside.authorityFile, "utf8")).not.toContain("PRIVATE");
});

test("Another process counts orders and makes things go wrong through the control port", async () => {
  const tell = (path: string, body: unknown) =>
    fetch(`${outside.control}${path}`, { method: "POST", body: JSON.stringify(body) });
  const { keyId, publicKeyPem } = freshKey();
  expect((await tell("/key", { environment: "demo", keyId, publicKeyPem })).status).toBe(200);
  expect((await tell("/state", { environment: "prod", state: { exchange: "paused" } })).status).toBe(200);
  expect((await tell("/state", { environment: "prod", state: { balanceCents: 7 } })).status).toBe(200);
  expect(outside.kalshi.prod.state).toMatchObject({ exchange: "paused", balanceCents: 7 });
  expect(
    (await tell("/fault", { environment: "prod", fault: { path: "/exchange/status", status: 502, times: 1 } })).status,
  ).toBe(200);
  expect(outside.kalshi.prod.faults.next("/exchange/status")?.status).toBe(502);
  expect((await tell("/state", { environment: "prod", state: { exchange: "on fire" } })).status).toBe(400);
  expect((await tell("/coinbase", { silent: true })).status).toBe(200);

  const order = { ticker: "X", side: "yes", action: "buy", count: 1 };
  outside.requests.note({
    at: 1,
    standIn: "kalshi-prod",
    method: "POST",
    host: "h",
    path: "/trade-api/v2/portfolio/orders",
    status: 201,
    websocket: false,
    key: "known",
    order,
  });
  const told = await (await fetch(`${outside.control}/requests`)).json();
  expect(told.orders).toMatchObject([{ order }]);
  await expect.poll(() => readFile(outside.requestsFile, "utf8")).toContain("/portfolio/orders");
});
