import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { expect, test } from "playwright/test";
import { localMachine } from "../machine/local-machine.ts";
import { findDatabases } from "./find-databases.ts";

test("the server that comes along is offered with a port that nobody listens at", async () => {
  const machine = localMachine({ stateFolder: tmpdir() });
  const offered = async () => (await findDatabases(machine)).find(({ kind }) => kind === "embedded")?.port as number;
  const first = await offered();
  expect(first).toBeGreaterThanOrEqual(15_432);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first, "127.0.0.1", resolve));
  expect(await offered()).toBeGreaterThan(first);
  await new Promise((resolve) => other.close(resolve));
  expect(await offered()).toBe(first);
});
