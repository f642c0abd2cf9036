import { basename, dirname, join } from "node:path";
import type { Machine } from "../machine/machine.ts";
import { isProblem } from "../problem.ts";
import { headOf } from "./git/git.ts";
import { recogniseTree } from "./source/recognise.ts";

/** Where people keep it: names that REC.IO's own guides use (install.sh clones into /opt/rec_io, the rest says rec_io_server). */
const usualNames = ["rec_io", "rec_io_server", "rec_io_20", "rec-io", "REC.IO", "recio"];
const usualParents = ["/opt", "/srv", "/root"];

/** Whether this folder is REC.IO. What cannot be read is not offered. */
async function isRecio(machine: Machine, folder: string): Promise<boolean> {
  try {
    await recogniseTree(machine, folder);
    return true;
  } catch (thrown) {
    if (isProblem(thrown)) return false;
    throw thrown;
  }
}

/**
 * REC.IO checkouts on this machine: folders beside the project first, then usual places, each real folder once.
 * @param projectRoot the folder of this product.
 * @param home the person's home folder; its direct subfolders are looked at by name only.
 */
export async function findCheckouts(
  machine: Machine,
  projectRoot: string,
  home?: string,
): Promise<{ path: string; commit?: string }[]> {
  const beside = dirname(projectRoot);
  const neighbours = await machine.files.list(beside).catch((): string[] => []);
  const places = [
    ...neighbours
      .filter((name) => name !== basename(projectRoot) && !name.startsWith("."))
      .map((name) => join(beside, name)),
    ...[...(home ? [home, join(home, "src"), join(home, "projects")] : []), ...usualParents].flatMap((parent) =>
      usualNames.map((name) => join(parent, name)),
    ),
  ];
  const found = new Map<string, { path: string; commit?: string }>();
  for (const path of places) {
    const real = await machine.files.realPath(path).catch(() => undefined);
    if (real === undefined || found.has(real) || !(await isRecio(machine, path))) continue;
    const commit = await headOf(machine, path).catch(() => undefined);
    found.set(real, { path, ...(commit === undefined ? {} : { commit }) });
  }
  return [...found.values()];
}
