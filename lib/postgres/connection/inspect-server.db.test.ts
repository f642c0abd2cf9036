import { expect, test } from "playwright/test";
import type { Rung } from "../../runtime.ts";
import type { PostgresTarget } from "../postgres.ts";
import { testInstallation } from "../test-installation.ts";
import { freePort, hasPostgres, testPostgres } from "../test-server.ts";
import { findServers } from "./find-servers.ts";
import { inspectServer } from "./inspect-server.ts";
import { connectionTests, targetAt } from "./test-connection.ts";

const { paths, machine } = connectionTests();

test.describe("the connection test", () => {
  const climb = async (target: PostgresTarget, adminPassword?: string) => {
    let last: Rung[] = [];
    const result = await inspectServer(target, {
      machine,
      paths,
      ...(adminPassword === undefined ? {} : { adminPassword }),
      signal: new AbortController().signal,
      onRung: (rungs) => {
        last = rungs;
      },
    });
    return {
      result,
      levels: Object.fromEntries(last.map(({ id, level }) => [id, level])),
      says: last.map(({ says }) => says),
    };
  };

  test("climbs to the top of a good server and says what is there", async () => {
    const installed = await testInstallation({ upTo: "roles" });
    const { server } = installed;
    const fresh = await climb(targetAt(server, { database: "not_there_yet" }), server.adminPassword);
    expect(fresh.levels).toEqual({
      address: "ok",
      reachable: "ok",
      login: "ok",
      version: "ok",
      writes: "ok",
      rights: "ok",
      database: "ok",
    });
    expect(fresh.result).toMatchObject({ accepted: true, facts: { databaseExists: false, tls: false } });
    const theirs = await climb(targetAt(server, { database: "postgres" }), server.adminPassword);
    expect(theirs.levels.database).toBe("warn");
    expect(theirs.result.accepted).toBe(true);
    expect(
      (await climb(targetAt(server, { database: installed.database.name }), server.adminPassword)).levels.database,
    ).toBe("ok");
    await installed.end();
  });

  test("stops at the rung that does not hold", async () => {
    const server = await testPostgres();
    const closed = await climb(targetAt({ port: await freePort() }), "x");
    expect(closed.levels).toMatchObject({ address: "ok", reachable: "fail", login: "waiting" });
    expect(closed.result).toMatchObject({ accepted: false, problem: { code: "database.refused-connection" } });
    const wrong = await climb(targetAt(server), "wrong-secret-7");
    expect(wrong.levels).toMatchObject({ reachable: "ok", login: "fail", version: "waiting" });
    expect(JSON.stringify(wrong)).not.toContain("wrong-secret-7");
    expect((await climb(targetAt(server))).result.problem?.code).toBe("database.password-missing");
    const admin = await server.database();
    await admin.query("CREATE ROLE weak LOGIN CREATEDB PASSWORD 'weak'");
    const weak = await climb(targetAt(server, { adminUser: "weak" }), "weak");
    expect(weak.levels).toMatchObject({ writes: "ok", rights: "fail", database: "waiting" });
    expect(weak.result.says).toBe("weak lacks CREATEROLE.");
    const says = async (change: Partial<PostgresTarget>) =>
      (await climb(targetAt(server, change), server.adminPassword)).result.says;
    const nowhere = { ...targetAt(server), host: "no-such-host.invalid" };
    expect((await climb(nowhere, "x")).result.says).toBe("The name no-such-host.invalid leads to no address.");
    expect(await says({ sslmode: "require" })).toMatch(/TLS/);
    expect(await says({ adminDatabase: "not_there" })).toMatch(/not_there/);
    await admin.query("CREATE DATABASE latin_1 TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc");
    expect(await says({ database: "latin_1" })).toBe("The database latin_1 is in LATIN1, and REC.IO writes UTF-8.");
    await admin.query("DROP DATABASE latin_1");
    await admin.query(
      "CREATE ROLE reader LOGIN CREATEDB CREATEROLE PASSWORD 'r'; ALTER ROLE reader SET default_transaction_read_only = on",
    );
    expect((await climb(targetAt(server, { adminUser: "reader" }), "r")).result.says).toBe(
      "This PostgreSQL is set to read-only.",
    );
    await admin.query("DROP ROLE reader");
    await admin.query("DROP ROLE weak");
  });

  test("a replica is refused by that name", async () => {
    const server = await testPostgres({ own: true, standby: true });
    const refused = await climb(targetAt(server), server.adminPassword);
    expect(refused.levels).toMatchObject({ version: "ok", writes: "fail", rights: "waiting" });
    expect(refused.result.says).toBe("This PostgreSQL is a replica and takes no writes.");
    await server.stop();
  });

  test("of the embedded server asks whether it could be", async () => {
    const port = await freePort();
    const free = await climb(targetAt({ port }, { kind: "embedded" }));
    expect(free.levels).toEqual({ programs: "ok", user: "ok", port: "ok" });
    const server = await testPostgres();
    const taken = await climb(targetAt(server, { kind: "embedded" }));
    expect(taken.result).toMatchObject({ accepted: false, problem: { code: "database.port-taken" } });
  });
});

test("servers of this machine are found by asking them, with their version", async () => {
  test.skip(!hasPostgres(15), "PostgreSQL 15 is not installed here");
  const [old, brought] = [await testPostgres({ major: 15 }), await testPostgres({ major: 18 })];
  const found = await findServers(machine);
  expect(found).toContainEqual({
    title: `PostgreSQL 15 on this machine, port ${old.port}`,
    host: "127.0.0.1",
    port: old.port,
    version: "15",
  });
  expect(found.map(({ port }) => port)).not.toContain(brought.port);
});
