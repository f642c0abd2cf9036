import { join } from "node:path";
import type { Machine } from "../machine/machine.ts";

/** Folder of the archives, relative to the root. */
export const archivesPath = "backend/data/archives";

/** Smaller ones hold stubs of 15 rows a file (the archives of July); a whole one is over half a megabyte. */
const leastBytes = 200_000;

/** The newest whole archive of BTC fingerprints, by the date in its name; undefined where there is none. */
export async function findFingerprintArchive(
  machine: Machine,
  root: string,
): Promise<{ path: string; name: string; bytes: number } | undefined> {
  const folder = join(root, archivesPath);
  const names = (await machine.files.list(folder)).filter((name) =>
    /^btc_fingerprint_archive_\d{8}_\d{6}\.zip$/.test(name),
  );
  for (const name of names.sort().reverse()) {
    const facts = await machine.files.facts(join(folder, name));
    if (facts?.kind === "file" && facts.size >= leastBytes)
      return { path: join(folder, name), name, bytes: facts.size };
  }
  return undefined;
}
