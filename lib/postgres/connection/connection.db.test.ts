import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { isProblem } from "../../problem.ts";
import type { PostgresTarget } from "../postgres.ts";
import { freePort, type TestServer, testPostgres } from "../test-server.ts";
import { connectionTests, problemOf, targetAt } from "./test-connection.ts";

const { folder, connected } = connectionTests();

test("a server that dies under idle and busy connections ends neither this process nor the next question", async () => {
  const server = await testPostgres({ own: true });
  const made = connected(targetAt(server), server.adminPassword);
  await made.query("admin", "SELECT 1");
  const busy = problemOf(made.query("admin", "SELECT pg_sleep(20)", [], { statementTimeoutMs: 0 }));
  await expect
    .poll(
      async () =>
        (
          await made.query<{ n: number }>(
            "admin",
            "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'",
          )
        )[0]?.n,
    )
    .toBe(1);
  await server.stop();
  expect(["database.shut-down", "database.connection-lost"]).toContain((await busy).code);
  expect(["database.refused-connection", "database.shut-down", "database.connection-lost"]).toContain(
    (await problemOf(made.query("admin", "SELECT 1"))).code,
  );
  expect((await problemOf(made.query("admin", "SELECT 1"))).code).toBe("database.refused-connection");
  await made.close();
});

test("a session of ours is named, a pooled question is one round trip on the same connection, and forget drops it", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  const who =
    "SELECT pg_backend_pid() AS pid, current_setting('application_name') AS name, current_setting('statement_timeout') AS limit";
  const [first] = await made.query<{ pid: number }>("admin", who);
  expect(first).toMatchObject({ name: "rec-io-setup", limit: "10s" });
  expect((await made.query<{ pid: number }>("admin", who))[0]?.pid).toBe(first?.pid);
  await made.forget();
  expect((await made.query<{ pid: number }>("admin", who))[0]?.pid).not.toBe(first?.pid);
  expect((await made.query("admin", who, [], { statementTimeoutMs: 1234 }))[0]).toMatchObject({ limit: "1234ms" });
  expect((await made.query("admin", who))[0]).toMatchObject({ limit: "10s" });
  await made.close();
});

test("a statement that takes too long, one that is aborted, and a lock that does not come are told apart", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  expect((await problemOf(made.query("admin", "SELECT pg_sleep(5)", [], { statementTimeoutMs: 100 }))).code).toBe(
    "database.statement-timeout",
  );

  const stop = new AbortController();
  const aborted = made
    .query("admin", "SELECT pg_sleep(30)", [], { signal: stop.signal, statementTimeoutMs: 0 })
    .catch((error: unknown) => error);
  const sleeping =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'";
  await expect.poll(async () => (await made.query<{ n: number }>("admin", sleeping))[0]?.n).toBe(1);
  stop.abort(new Error("no longer wanted"));
  expect(await aborted).toMatchObject({ message: "no longer wanted" });
  await expect.poll(async () => (await made.query<{ n: number }>("admin", sleeping))[0]?.n).toBe(0);

  await made.query("admin", "CREATE TABLE held (n int)");
  const locked = made.withTransaction("admin", async (session) => {
    await session.query("LOCK TABLE held");
    return problemOf(
      made.withTransaction("admin", async (other) => {
        await other.query("SET LOCAL lock_timeout = '100ms'");
        await other.query("SELECT * FROM held");
      }),
    );
  });
  expect((await locked).code).toBe("database.lock-timeout");
  await made.query("admin", "DROP TABLE held");
  await made.close();
});

test("rows are copied in whole or not at all, and the connection stays usable", async () => {
  const server = await testPostgres();
  const database = await server.database();
  const made = connected(targetAt(server, { database: database.name }), server.adminPassword);
  await made.query("admin", "CREATE TABLE numbers (n int PRIMARY KEY)");
  async function* numbers(upTo: number, fail = false) {
    for (let start = 0; start < upTo; start += 10_000) {
      if (fail && start > upTo / 2) throw new Error("the source broke");
      yield Buffer.from(Array.from({ length: 10_000 }, (_one, index) => `${start + index}\n`).join(""));
    }
  }
  const copy = "COPY numbers FROM STDIN";
  expect(await made.withTransaction("admin", (session) => session.copyIn(copy, numbers(500_000)))).toBe(500_000);
  await expect(
    made.withTransaction("admin", (session) =>
      session.copyIn("COPY numbers FROM STDIN WHERE n > 900000", numbers(2_000_000, true)),
    ),
  ).rejects.toThrow("the source broke");
  const count = () => made.query("admin", "SELECT count(*)::int AS n FROM numbers");
  expect(await count()).toEqual([{ n: 500_000 }]);
  expect(
    (await problemOf(made.withTransaction("admin", (session) => session.copyIn(copy, numbers(20_000))))).code,
  ).toBe("database.rows-not-unique");
  expect(
    (
      await problemOf(
        made.withTransaction("admin", (session) => session.copyIn("COPY nowhere FROM STDIN", numbers(10_000))),
      )
    ).code,
  ).toBe("database.object-missing");
  await made.withSession("admin", async (session) => {
    await session.copyIn(copy, numbers(10_000)).catch(() => {});
    expect(await session.query("SELECT 1 AS n")).toEqual([{ n: 1 }]);
  });
  expect(await count()).toEqual([{ n: 500_000 }]);
  await made.close();
  await database.drop();
});

test("a login without a password leaves no session waiting on the server", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  for (let time = 0; time < 5; time += 1)
    expect((await problemOf(made.query("app", "SELECT 1"))).code).toBe("database.password-missing");
  await expect
    .poll(
      async () =>
        (
          await made.query<{ n: number }>(
            "admin",
            "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname IS NULL AND backend_type = 'client backend'",
          )
        )[0]?.n,
    )
    .toBe(0);
  await made.close();
});

test("each way in which a server cannot be reached has its own name", async () => {
  const server = await testPostgres();
  const code = async (changes: Partial<PostgresTarget>, password = server.adminPassword) => {
    const made = connected(targetAt(server, changes), password);
    const { code: found } = await problemOf(made.query("admin", "SELECT 1"));
    await made.close();
    return found;
  };
  expect(await code({ port: await freePort() })).toBe("database.refused-connection");
  expect(await code({ host: "no-such-host.invalid" })).toBe("database.name-not-resolved");
  expect(await code({}, "wrong")).toBe("database.password-wrong");
  expect(await code({}, "")).toBe("database.password-missing");
  expect(await code({ database: "no_such_database" })).toBe("database.database-missing");
  // The administrator's own database is not ours to make: the remedy is another name, not a step.
  const noAdminDatabase = connected(targetAt(server, {}), server.adminPassword);
  const asked = noAdminDatabase.query("admin", "SELECT 1", undefined, { database: "no_such_admin_db" });
  expect((await problemOf(asked)).remedy?.kind).toBe("sentence");
  await noAdminDatabase.close();
  expect(await code({ host: "/tmp/no-such-folder" })).toBe("database.refused-connection");
  expect(await code({ sslmode: "require" })).toBe("database.tls-not-offered");
  expect(await code({ sslmode: "verify-full", caFile: "/no/such/ca.pem" })).toBe("database.ca-file-missing");
});

test.describe("TLS", () => {
  let server: TestServer;
  const file = (name: string) => join(folder, "tls", name);

  test.beforeAll(async () => {
    server = await testPostgres({ own: true });
    mkdirSync(join(folder, "tls"), { recursive: true, mode: 0o700 });
    const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
    for (const name of ["ca", "other"])
      openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        `/CN=${name} of the test`,
        "-keyout",
        file(`${name}.key`),
        "-out",
        file(`${name}.pem`),
      );
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-keyout",
      file("server.key"),
      "-out",
      file("server.csr"),
    );
    writeFileSync(file("names"), "subjectAltName=DNS:localhost");
    openssl(
      "x509",
      "-req",
      "-in",
      file("server.csr"),
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      file("names"),
      "-out",
      file("server.pem"),
    );
    execFileSync("chmod", ["600", file("server.key")]);
    const admin = await server.database();
    await admin.query(`ALTER SYSTEM SET ssl_cert_file = '${file("server.pem")}'`);
    await admin.query(`ALTER SYSTEM SET ssl_key_file = '${file("server.key")}'`);
    await admin.query("ALTER SYSTEM SET ssl = on");
    await admin.query("SELECT pg_reload_conf()");
    await expect.poll(async () => (await admin.query<{ ssl: string }>("SHOW ssl"))[0]?.ssl).toBe("on");
  });
  test.afterAll(() => server.stop());

  test("each mode asks for as much proof as libpq's", async () => {
    const ask = async (changes: Partial<PostgresTarget>) => {
      const made = connected(targetAt(server, changes), server.adminPassword);
      try {
        const [row] = await made.query<{ ssl: boolean }>(
          "admin",
          "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        );
        return row?.ssl;
      } catch (error) {
        return isProblem(error) ? error.code : error;
      } finally {
        await made.close();
      }
    };
    expect(await ask({ sslmode: "disable" })).toBe(false);
    expect(await ask({ sslmode: "require" })).toBe(true);
    expect(await ask({ sslmode: "verify-ca", caFile: file("ca.pem") })).toBe(true);
    expect(await ask({ sslmode: "verify-ca", caFile: file("other.pem") })).toBe("database.tls-not-trusted");
    expect(await ask({ sslmode: "verify-ca" })).toBe("database.tls-not-trusted");
    expect(await ask({ sslmode: "verify-full", caFile: file("ca.pem"), host: "localhost" })).toBe(true);
    expect(await ask({ sslmode: "verify-full", caFile: file("ca.pem"), host: "127.0.0.1" })).toBe(
      "database.tls-wrong-name",
    );
  });
});
