import { expect, test } from "playwright/test";
import { hasPostgres, testPostgres } from "./test-server.ts";

for (const major of [18, 15] as const) {
  test(`a test server of version ${major} gives fresh databases, quickly`, async () => {
    test.skip(!hasPostgres(major), `PostgreSQL ${major} is not installed here`);
    const server = await testPostgres({ major });
    const one = await server.database();
    await one.query("CREATE TABLE kept (n int)");
    await one.query("INSERT INTO kept VALUES (1), (2)");
    const before = Date.now();
    const two = await server.database(one.name);
    console.log(`a further database took ${Date.now() - before} ms`);
    expect(await two.query("SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 2 }]);
    const [version] = await two.query<{ server_version_num: string }>("SHOW server_version_num");
    expect(Math.floor(Number(version?.server_version_num) / 10_000)).toBe(major);
    await Promise.all([one.drop(), two.drop()]);
    await expect(one.query("SELECT 1")).rejects.toThrow("does not exist");
  });
}

test("a server of one's own is gone when it was stopped", async () => {
  const before = Date.now();
  const server = await testPostgres({ own: true });
  console.log(`a server took ${Date.now() - before} ms`);
  await server.stop();
  expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
  await expect((await import("node:fs/promises")).access(server.socket)).rejects.toThrow("ENOENT");
});
