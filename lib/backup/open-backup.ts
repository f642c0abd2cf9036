import { join } from "node:path";
import type { Machine } from "../machine/machine.ts";
import { NoTar, readTar } from "../machine/tar.ts";
import { Problem, sentence } from "../problem.ts";
import { dataFolder, keyName, type Manifest, manifest, manifestName } from "./contents.ts";
import { openSealed } from "./sealed/sealed.ts";

const largestManifest = 64 * 1024 * 1024;

function unreadable(path: string, what: string): Problem {
  return new Problem({
    code: "backup.contents-unreadable",
    says: `The backup ${path} opens, and ${what}.`,
    remedy: sentence("Use the version of REC.IO Setup that made it. Nothing was changed."),
  });
}

/** What was taken out of a backup. */
export interface OpenedBackup {
  manifest: Manifest;
  /** PEM text. */
  kalshiPrivateKey?: string;
}

function readManifest(path: string, text: Buffer): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text.toString("utf8"));
  } catch {
    throw unreadable(path, "what it says of itself cannot be read");
  }
  const parsed = manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  throw unreadable(path, "what it says of itself is not what this version understands");
}

async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

/** Where the manifest of a backup lies that was opened into a folder. */
export const openedManifest = (folder: string) => join(folder, manifestName);

/**
 * Takes a backup apart into a folder of the state: the rows of its tables and, last, what it says of itself. All of it
 * is proven before it returns; where it throws, the folder is gone. The key is handed back and not written.
 * @param folder absolute, below the state folder; what is there is removed first
 * @throws Problem `backup.…` or `machine.disk-full`.
 */
export async function openBackup(
  machine: Machine,
  path: string,
  passphrase: string,
  folder: string,
): Promise<OpenedBackup> {
  const { files } = machine;
  await files.removeTree(folder);
  try {
    await files.makeFolder(folder, 0o700);
    let told: Manifest | undefined;
    let kalshiPrivateKey: string | undefined;
    const missing = new Set<string>();
    for await (const { name, size, chunks } of readTar(openSealed(files, path, passphrase))) {
      if (!told) {
        if (name !== manifestName || size > largestManifest)
          throw unreadable(path, "it does not begin as a backup does");
        told = readManifest(path, await whole(chunks));
        for (const table of told.database.tables) missing.add(`${dataFolder}/${table.file}`);
      } else if (name === keyName) kalshiPrivateKey = (await whole(chunks)).toString("utf8");
      // Only what the manifest names is written, and under a name without folders.
      else if (missing.delete(name) && /^[\w.-]+$/.test(name.slice(dataFolder.length + 1)))
        await files.writeNew(join(folder, name.slice(dataFolder.length + 1)), chunks, 0o600);
    }
    if (!told || missing.size > 0) throw unreadable(path, "not everything that it names is in it");
    await files.write(openedManifest(folder), JSON.stringify(told), 0o600);
    return { manifest: told, ...(kalshiPrivateKey === undefined ? {} : { kalshiPrivateKey }) };
  } catch (thrown) {
    await files.removeTree(folder);
    if (thrown instanceof NoTar) throw unreadable(path, thrown.message);
    throw thrown;
  }
}

/** What a backup that was opened into a folder says of itself; undefined where there is none any more. */
export async function openedBackup(machine: Pick<Machine, "files">, folder: string): Promise<Manifest | undefined> {
  const text = await machine.files.read(openedManifest(folder));
  return text === undefined ? undefined : manifest.parse(JSON.parse(text));
}
