import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A disk of a few megabytes for a test; undefined where this user may mount none.
 * @param at the folder that it takes the place of; by default one of its own. It goes with the disk.
 */
export function smallDisk(size = "1m", at?: string): { folder: string; end(): void } | undefined {
  const folder = at ?? mkdtempSync(join(tmpdir(), "rec-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    if (at === undefined) rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  return {
    folder,
    end() {
      execFileSync("umount", ["-l", folder], { stdio: "ignore" });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Takes what room is left on the disk of a file, to the last kilobyte. */
export function fillUp(file: string): void {
  for (const bytes of [1 << 20, 1 << 16, 1 << 10]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes));
    } catch {
      // Full for pieces of this size.
    }
  }
}
