import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../machine/local-machine.ts";
import { hasPostgres, type TestDatabase, type TestServer, testPostgres } from "../postgres/test-server.ts";
import { clone, inspect } from "./clone.ts";
import { type SourceAddress, sourceConnections } from "./source/connect.ts";
import { contents, endsOf, makeSource, makeTarget, quiet, readerPassword } from "./test-ends.ts";
import { openLink, type TestLink } from "./test-link.ts";

const big = "historical_data.prices";
const tables = `
CREATE TABLE ${big} (id int PRIMARY KEY, note text);
INSERT INTO ${big} SELECT n, repeat('canary-value ', 20) || n FROM generate_series(1, 40000) n;
CREATE TABLE analytics.small (a int PRIMARY KEY);
INSERT INTO analytics.small SELECT generate_series(1, 100);
`;

let folder: string;
let server: TestServer;
let source: TestDatabase;
let target: TestDatabase;
let link: TestLink;
const file = (name: string) => join(folder, name);

/** A certificate that vouches for itself, so that it is its own authority. */
function makeCertificate(name: string): void {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-keyout", file(`${name}.key`), "-out", file(`${name}.pem`)],
    ],
    { stdio: "pipe" },
  );
}

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rec-clone-tls-"));
  makeCertificate("server");
  makeCertificate("other");
  execFileSync("chmod", ["600", file("server.key")]);
  server = await testPostgres({ major: hasPostgres(15) ? 15 : 18, own: true });
  source = await server.database();
  await source.query(`ALTER SYSTEM SET ssl_cert_file = '${file("server.pem")}'`);
  await source.query(`ALTER SYSTEM SET ssl_key_file = '${file("server.key")}'`);
  await source.query("ALTER SYSTEM SET ssl = on");
  await source.query("SELECT pg_reload_conf()");
  await expect.poll(async () => (await source.query<{ ssl: string }>("SHOW ssl"))[0]?.ssl).toBe("on");
  await makeSource(source, tables);
  link = await openLink(server.port);
});
test.afterAll(async () => {
  await link.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
test.beforeEach(async () => {
  delete link.faults.change;
  target = await server.database();
  await makeTarget(target);
});
test.afterEach(() => target.drop());

/** The ends of a copy through the link, the source's as the product opens them. */
function ends(caFile: string) {
  const address: SourceAddress = {
    host: "127.0.0.1",
    port: link.port,
    database: source.name,
    user: "rec_io_installer",
    sslmode: "verify-full",
    caFile: file(caFile),
  };
  const machine = localMachine({ stateFolder: folder });
  return { ...endsOf(source, target), source: sourceConnections(address, () => readerPassword, machine) };
}

const name = "source.test:5432/rec_io_db";

test("over TLS everything comes, and the source says that the link is protected", async () => {
  const inspected = await inspect(ends("server.pem"), name);
  expect(inspected.facts.tls).toBe(true);
  const end = await clone(inspected, quiet(ends("server.pem")));
  expect(end.failed).toEqual([]);
  expect(await contents(target, [big])).toEqual(await contents(source, [big]));
});

test("an authority that did not sign the source's certificate is refused before anything is asked", async () => {
  await expect(inspect(ends("other.pem"), name)).rejects.toMatchObject({ code: "database.tls-not-trusted" });
});

test("what is changed on the way is refused by TLS each time: the table is named and not put in place", async () => {
  const inspected = await inspect(ends("server.pem"), name);
  let changed = 0;
  link.faults.change = (piece) => {
    // Only rows come in pieces as large as this.
    if (piece.length < 20_000) return piece;
    changed++;
    const copy = Buffer.from(piece);
    copy[10_000] = (copy[10_000] ?? 0) ^ 1;
    return copy;
  };
  const end = await clone(inspected, quiet(ends("server.pem")));
  expect(changed).toBeGreaterThanOrEqual(3);
  expect(end.failed).toEqual([
    { table: big, says: `${big} did not come: bytes were changed on the way from the source, and TLS refuses them.` },
  ]);
  expect(await target.query("SELECT to_regclass($1) IS NULL AS absent", [big])).toEqual([{ absent: true }]);
  expect(end.copied.map((table) => table.name)).toEqual(["small"]);
});

test("changed once, it is refused by TLS, and the table comes whole when it is asked for again", async () => {
  const inspected = await inspect(ends("server.pem"), name);
  let changed = 0;
  link.faults.change = (piece) => {
    if (changed > 0 || piece.length < 20_000) return piece;
    changed++;
    const copy = Buffer.from(piece);
    copy[10_000] = (copy[10_000] ?? 0) ^ 1;
    return copy;
  };
  const again: string[] = [];
  const end = await clone(
    inspected,
    quiet(ends("server.pem"), {
      progress: (_, event) => {
        if (event.kind === "again") again.push(event.table);
      },
    }),
  );
  expect(changed).toBe(1);
  expect(again).toContain(big);
  expect(end.failed).toEqual([]);
  expect(await contents(target, [big])).toEqual(await contents(source, [big]));
});
