import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { lockHolder, takeLock } from "./lock.ts";
import { identityOf, stillRuns } from "./process-identity.ts";

let folder: string;
let lock: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "launcher-lock-"));
  lock = join(folder, "state", "lock");
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("only one may hold the state, and the sentence names who", () => {
  const held = takeLock(lock);
  expect(held.held()).toBe(true);
  expect(() => takeLock(lock)).toThrow(`Process ${process.pid} is at work in ${join(folder, "state")}.`);
  held.release();
  takeLock(lock).release();
  expect(readdirSync(join(folder, "state"))).toEqual([]);
});

test("the folder is made private and so is the lock", () => {
  const held = takeLock(lock);
  expect(statSync(join(folder, "state")).mode & 0o777).toBe(0o700);
  expect(statSync(lock).mode & 0o777).toBe(0o600);
  held.release();
});

test("the lock of a process that was killed is taken over", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const identity = identityOf(child.pid as number);
  takeLock(lock).release();
  writeFileSync(lock, JSON.stringify(identity));
  expect(lockHolder(lock)).toEqual(identity);
  expect(() => takeLock(lock)).toThrow(`Process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(stillRuns(identity)).toBe(false);
  expect(lockHolder(lock)).toBeUndefined();
  const held = takeLock(lock);
  expect(lockHolder(lock)?.pid).toBe(process.pid);
  held.release();
});

test("a lock whose number was given to a later process is stale", () => {
  takeLock(lock).release();
  writeFileSync(lock, JSON.stringify({ pid: process.pid, began: "an earlier boot 1" }));
  expect(lockHolder(lock)).toBeUndefined();
  takeLock(lock).release();
});

test("a lock that was torn by a full disk is stale", () => {
  takeLock(lock).release();
  writeFileSync(lock, '{"pid":');
  takeLock(lock).release();
});

test("releasing does not remove a lock that somebody else has taken meanwhile", () => {
  const held = takeLock(lock);
  writeFileSync(lock, JSON.stringify({ ...identityOf(process.pid), token: "another" }));
  expect(held.held()).toBe(false);
  held.release();
  expect(lockHolder(lock)?.pid).toBe(process.pid);
});
