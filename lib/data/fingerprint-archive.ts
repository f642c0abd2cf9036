import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";

/** btc_fingerprint_archive_YYYYMMDD_HHMMSS.zip, as backend/util/fingerprint_archiver.py names them. */
const archiveName = /^btc_fingerprint_archive_(\d{8}_\d{6})\.zip$/;

/** Where the archives lie, relative to the checkout. */
export const archiveFolder = "backend/data/archives";

/** Name of the newest BTC fingerprint archive of the checkout, or undefined where it holds none. Reads names only. */
export async function newestArchive(world: Pick<World, "checkout" | "machine">): Promise<string | undefined> {
  const folder = world.checkout.at(archiveFolder);
  if ((await world.machine.files.facts(folder))?.kind !== "folder") return undefined;
  const names = (await world.machine.files.list(folder)).filter((name) => archiveName.test(name));
  return names.sort().at(-1);
}

/** The newest archive, or the Problem `data.no-archive`. */
export async function archiveOrProblem(world: Pick<World, "checkout" | "machine">): Promise<string> {
  const name = await newestArchive(world);
  if (name !== undefined) return name;
  throw new Problem({
    code: "data.no-archive",
    says: `The checkout holds no BTC fingerprint archive in ${archiveFolder}.`,
    remedy: sentence("Use a checkout that holds one, or choose to install without system data."),
  });
}

/** An archive that cannot be used, and why in words that complete "…: ". */
export function archiveNotUsable(name: string, why: string): Problem {
  return new Problem({
    code: "data.archive-not-usable",
    says: `The fingerprint archive ${name} cannot be used: ${why}.`,
    remedy: sentence(`Restore ${archiveFolder}/${name} from git, or choose to install without system data.`),
  });
}
