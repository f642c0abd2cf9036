import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { light, worldOf } from "../engine/toy-world.ts";
import { testAnswers } from "../health/test-world.ts";
import { answerRecords } from "../install/answer-records.ts";
import { localMachine } from "../machine/local-machine.ts";
import { statePaths } from "../paths.ts";
import { openRuns } from "./runs.ts";

test("two starts at the same moment get one run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runs-"));
  try {
    const paths = statePaths(folder);
    const { files } = localMachine({ stateFolder: folder });
    const bugs: unknown[] = [];
    const runs = await openRuns({
      files,
      records: answerRecords(files, paths),
      rehearsal: false,
      folder: paths.runs,
      onBug: (thrown) => bugs.push(thrown),
      onProof: () => undefined,
      onTurn: async () => undefined,
    });
    let lit = () => {};
    const isLit = new Promise<void>((resolve) => {
      lit = resolve;
    });
    const step = light("slow", { run: async () => isLit.then(() => ({ lit: "slow" })) });
    const world = worldOf(new Set());
    const entries = [{ kind: "step" as const, id: step.id, title: step.title, changes: await step.describe(world) }];
    const begin = () =>
      runs.begin({ purpose: "install", answers: testAnswers(), plan: [step], world, secrets: {} }, entries, "h");
    const [one, other] = await Promise.all([begin(), begin()]);
    expect(other).toBe(one);
    expect(readdirSync(paths.runs)).toEqual([one]);
    lit();
    await runs.settled();
    expect(bugs).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
