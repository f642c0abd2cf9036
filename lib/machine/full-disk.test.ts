import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { openJournal, readRun } from "../engine/journal.ts";
import { writePrivateFile } from "../server/state/private-file.ts";
import { fillUp, smallDisk } from "./test-disk.ts";

test("on a full disk nothing is written half, the end is told all the same, and is written when there is room", () => {
  const disk = smallDisk();
  test.skip(disk === undefined, "A file system cannot be mounted here.");
  if (!disk) return;
  try {
    const journal = openJournal(join(disk.folder, "run"));
    journal.append({ type: "run.started", runId: "r", purpose: "install", planHash: "", pid: 1, entries: [] });
    const filler = join(disk.folder, "filler");
    fillUp(filler);
    const line = "x".repeat(1500);
    expect(() => {
      for (let count = 0; count < 100; count++) journal.append({ type: "step.logged", entryId: "a", line });
    }).toThrow("There is no space left");
    journal.append({ type: "run.finished", outcome: "failed" });
    expect(journal.state().status).toBe("failed");
    expect(["running", "failed"]).toContain(readRun(join(disk.folder, "run"))?.status);
    rmSync(filler);
    journal.append({ type: "run.resumed", pid: 2 });
    journal.append({ type: "run.finished", outcome: "done" });
    journal.close();
    expect(readRun(join(disk.folder, "run"))).toEqual(journal.state());
  } finally {
    disk.end();
  }
});

test("a private file that finds no room is what it was, and nothing lies beside it", () => {
  const disk = smallDisk();
  test.skip(disk === undefined, "A file system cannot be mounted here.");
  if (!disk) return;
  try {
    const file = join(disk.folder, "session.json");
    writeFileSync(file, "before");
    fillUp(join(disk.folder, "filler"));
    expect(() => writePrivateFile(file, "y".repeat(20_000))).toThrow("There is no space left");
    expect(readdirSync(disk.folder).sort()).toEqual(["filler", "session.json"]);
  } finally {
    disk.end();
  }
});
