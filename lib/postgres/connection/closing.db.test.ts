import { expect, test } from "playwright/test";
import { testPostgres } from "../test-server.ts";
import { connectionTests, problemOf, targetAt } from "./test-connection.ts";

const { connected } = connectionTests();

test("a question with a time limit of its own leaves the connection as it was, and the next one uses it", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  const asked = "SELECT pg_backend_pid() AS pid, current_setting('statement_timeout') AS ends";
  const [own] = await made.query("admin", asked, [], { statementTimeoutMs: 60_000 });
  expect(own).toMatchObject({ ends: "1min" });
  expect(await made.query("admin", asked)).toEqual([{ ...own, ends: "10s" }]);
  await made.close();
});

test("closing waits for no question in hand, and the server ends what nobody waits for", async () => {
  const server = await testPostgres();
  const made = connected(targetAt(server), server.adminPassword);
  const long = problemOf(made.query("admin", "SELECT pg_sleep(8)"));
  const watch = connected(targetAt(server), server.adminPassword);
  const asleep = async () =>
    (
      await watch.query(
        "admin",
        "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(8)' AND state = 'active'",
      )
    ).length;
  await expect.poll(asleep).toBe(1);
  const started = performance.now();
  await made.close();
  expect(performance.now() - started).toBeLessThan(700);
  expect((await long).code).toBe("database.connection-lost");
  await watch.close();
});
