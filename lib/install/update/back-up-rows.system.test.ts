import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import type { World } from "../../world.ts";
import { backUpRows } from "./back-up-rows.ts";

test("Only a backup of this hour that was put back and compared counts as kept", async () => {
  const state = mkdtempSync(join(realpathSync(tmpdir()), "kept-"));
  try {
    const machine = localMachine({ stateFolder: state });
    const paths = statePaths(state);
    const to = "2".repeat(40);
    const [kept] = backUpRows({ database: { kind: "embedded", port: 15_432 } }, to).probes;
    const level = async () =>
      kept.judge(await kept.collect({ machine, paths } as World, new AbortController().signal)).level;
    const backup = async (at: Date, files: readonly string[]) => {
      const name = `rec_io_db-${at.toISOString().slice(0, 19).replaceAll(":", "-")}-before-${to.slice(0, 7)}`;
      await machine.files.makeFolder(join(paths.backups, name), 0o700);
      for (const file of files) await machine.files.write(join(paths.backups, name, file), "{}", 0o600);
    };
    expect(await level()).toBe("fail");
    await backup(new Date(Date.now() - 7_200_000), ["manifest.json", "proven.json"]);
    expect(await level()).toBe("fail");
    await backup(new Date(), ["manifest.json"]);
    expect(await level()).toBe("fail");
    await backup(new Date(), ["proven.json"]);
    expect(await level()).toBe("ok");
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
