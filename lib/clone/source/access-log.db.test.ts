import { expect, test } from "playwright/test";
import { hasPostgres, testPostgres } from "../../postgres/test-server.ts";
import { endsOf, makeSource } from "../test-ends.ts";
import { Wire } from "../wire/wire.ts";
import { AccessLogLine } from "./access-log.ts";

test("lines that find their connection lost open one together, and none of it stays open", async () => {
  const server = await testPostgres({ major: hasPostgres(15) ? 15 : 18 });
  const source = await server.database();
  try {
    await makeSource(source, "CREATE TABLE analytics.a (a int)");
    const ends = endsOf(source, source);
    const opened: Wire[] = [];
    const connect = async () => {
      const wire = new Wire(await ends.source());
      opened.push(wire);
      return wire;
    };
    const visitor = { userId: "eva", name: "Eva", email: "eva@example.com", agent: "a test", version: "0" };
    const line = await AccessLogLine.begin(connect, visitor, ["analytics"]);
    await source.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rec_io_installer' AND datname = current_database()",
    );
    await expect.poll(() => opened[0]?.lost).toBe(true);
    await Promise.all([line.progress(20, 1000), line.progress(40, 2000), line.end("completed", 60, 3000, 7)]);
    expect(opened).toHaveLength(2);
    line.close();
    const left = async () =>
      (
        await source.query<{ n: number }>(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'rec_io_installer' AND datname = current_database()",
        )
      )[0]?.n;
    await expect.poll(left).toBe(0);
    expect(await source.query("SELECT status, tables_cloned FROM system.installation_access_log")).toEqual([
      { status: "completed", tables_cloned: 60 },
    ]);
  } finally {
    await source.drop();
  }
});
