import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { fillUp, smallDisk } from "../../machine/test-disk.ts";
import { statePaths } from "../../paths.ts";
import { readSettings } from "../../settings.ts";
import { prepareRehearsal } from "./prepare.ts";

test("on a disk without room a rehearsal is refused before anything is written, and one that was begun is taken away", async () => {
  const disk = smallDisk("4m");
  test.skip(disk === undefined, "A file system cannot be mounted here.");
  if (!disk) return;
  try {
    const paths = statePaths(join(disk.folder, "s"));
    const machine = localMachine({ stateFolder: paths.state });
    const prepare = (leaving: boolean) => prepareRehearsal(readSettings({}), paths, machine, "no build", leaving);
    await expect(prepare(false)).rejects.toMatchObject({ code: "machine.disk-full" });
    expect(readdirSync(disk.folder)).toEqual([]);

    // As a making that found no room any more leaves it: neither a record nor a whole checkout.
    const half = join(paths.state, "rehearsal/rec_io.new");
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, "README.md"), "half");
    fillUp(join(disk.folder, "filler"));
    await (await prepare(true)).leave();
    expect(existsSync(join(paths.state, "rehearsal"))).toBe(false);
  } finally {
    disk.end();
  }
});
