import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { openJournal, readRun } from "./journal.ts";
import { lampsOf, light, start } from "./toy-world.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the journal is whole on disk, private, and survives a torn last line", async () => {
  const { journal } = await start(folder, [light("a")], new Set());
  const before = journal.state();
  journal.close();
  const path = join(folder, "journal.ndjson");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "installation.log")).mode & 0o777).toBe(0o600);
  writeFileSync(path, `${readFileSync(path, "utf8")}{"seq":99,"at":1,"ev`);
  const again = openJournal(folder);
  expect(again.state()).toEqual(before);
  again.append({ type: "run.resumed", pid: 2 });
  expect(readRun(folder)?.status).toBe("running");
});

test("a follower gets what it missed and then everything else, in order and once", async () => {
  const journal = openJournal(folder);
  journal.append({ type: "run.started", runId: "r", purpose: "install", planHash: "", pid: 1, entries: [] });
  journal.append({ type: "run.resumed", pid: 1 });
  const seen: number[] = [];
  const unfollow = journal.follow(1, (event) => seen.push(event.seq));
  journal.append({ type: "run.finished", outcome: "done" });
  unfollow();
  journal.append({ type: "run.resumed", pid: 1 });
  expect(seen).toEqual([2, 3]);
});

test("progress is told at most twice a second, and the last one always", async () => {
  const busy = light("a", {
    run: async (world, job) => {
      for (let i = 1; i <= 1000; i += 1) job.progress(i, 1000, "rows");
      lampsOf(world).add("a");
      return {};
    },
  });
  const { journal } = await start(folder, [busy], new Set());
  const told = readFileSync(join(folder, "journal.ndjson"), "utf8")
    .split("\n")
    .filter((line) => line.includes("step.progressed"));
  expect(told).toHaveLength(2);
  expect(journal.state().entries[0]?.progress?.done).toBe(1000);
});
