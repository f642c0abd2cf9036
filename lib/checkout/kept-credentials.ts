import { join } from "node:path";
import { isKeyId, normaliseKeyId } from "../kalshi/key/key-id.ts";
import type { Machine, Owner } from "../machine/machine.ts";
import type { KalshiEnvironment } from "../settings.ts";
import type { World } from "../world.ts";
import { type CredentialFile, credentialFiles, keyIdIn } from "./credentials.ts";

/** The files of one environment's key, each with its text or undefined where it is missing. */
export type KeyFiles = readonly { name: CredentialFile; content: string | undefined }[];

type Needs = Pick<World, "machine" | "paths">;

const keptName = "credentials-before-";

async function read({ files }: Machine, folder: string): Promise<KeyFiles> {
  return Promise.all(credentialFiles.map(async (name) => ({ name, content: await files.read(join(folder, name)) })));
}

async function copyTo({ files }: Machine, folder: string, texts: KeyFiles): Promise<void> {
  await files.makeFolder(folder, 0o700);
  for (const { name, content } of texts)
    if (content !== undefined) await files.write(join(folder, name), content, 0o600);
}

/** Whose the files in a folder are to be: its own, which set up by root is the programs' user. */
export async function ownerOf(machine: Machine, folder: string): Promise<Owner | undefined> {
  const facts = await machine.files.facts(folder);
  return facts && (await machine.facts()).root ? { uid: facts.uid, gid: facts.gid } : undefined;
}

/** Where the pair that is being replaced lies until the new one is proven: a crash in between loses neither. */
function previousFolder({ paths }: Needs, environment: KalshiEnvironment): string {
  return join(paths.secrets, `credentials-previous-${environment}`);
}

/**
 * What is to be replaced. After a crash that is not what lies in its place, half old and half new, but what was put aside.
 */
export async function putAside(world: Needs, environment: KalshiEnvironment, folder: string): Promise<KeyFiles> {
  const { machine } = world;
  const aside = previousFolder(world, environment);
  if (await machine.files.facts(aside)) return read(machine, aside);
  const earlier = await read(machine, folder);
  if (earlier.every(({ content }) => content === undefined)) return earlier;
  // Beside its place and renamed: half a copy must not be taken for what was there.
  const making = `${aside}.new`;
  await machine.files.removeTree(making);
  await copyTo(machine, making, earlier);
  await machine.files.rename(making, aside);
  return earlier;
}

/**
 * Keeps what one run replaces, for taking exactly that run back: runs are taken back newest first, each puts back what it
 * found, be it somebody else's or the key of an earlier run.
 * @returns the folder, or null where there was nothing
 */
export async function keepForUndo(
  { machine, paths }: Needs,
  environment: KalshiEnvironment,
  earlier: KeyFiles,
): Promise<string | null> {
  if (earlier.every(({ content }) => content === undefined)) return null;
  const kept = new Set(await machine.files.list(paths.secrets));
  let number = 1;
  while (kept.has(`${keptName}${environment}-${number}`)) number += 1;
  const folder = join(paths.secrets, `${keptName}${environment}-${number}`);
  await copyTo(machine, folder, earlier);
  return folder;
}

/** Puts texts in place of what was there, all or none: the earlier ones come back where one cannot be written or proven. */
export async function replaceKey(
  world: Needs,
  environment: KalshiEnvironment,
  folder: string,
  { earlier, texts }: { earlier: KeyFiles; texts: Record<CredentialFile, string> },
  proven: () => Promise<void>,
): Promise<void> {
  const { files } = world.machine;
  const owner = await ownerOf(world.machine, folder);
  try {
    for (const name of credentialFiles) await files.write(join(folder, name), texts[name], 0o600, owner);
    await proven();
  } catch (thrown) {
    for (const { name, content } of earlier) {
      if (content === undefined) await files.remove(join(folder, name));
      else await files.write(join(folder, name), content, 0o600, owner);
    }
    await files.removeTree(previousFolder(world, environment));
    throw thrown;
  }
  await files.removeTree(previousFolder(world, environment));
}

/**
 * The private key that belongs to an id, from REC.IO's own files or from what a run replaced: PEM as it was written.
 * Undefined where it is nowhere any more.
 */
export async function keptPem(
  world: Needs & Pick<World, "checkout">,
  environment: KalshiEnvironment,
  keyId: string,
): Promise<string | undefined> {
  const { machine, paths, checkout } = world;
  const names = (await machine.files.list(paths.secrets)).filter((name) => name.startsWith(keptName));
  for (const folder of [checkout.credentials(environment), ...names.map((name) => join(paths.secrets, name))]) {
    const texts = Object.fromEntries((await read(machine, folder)).map(({ name, content }) => [name, content]));
    const id = keyIdIn(texts[".env"] ?? "");
    const pem = texts["kalshi.pem"];
    if (pem !== undefined && id !== undefined && isKeyId(id) && normaliseKeyId(id) === keyId) return pem;
  }
  return undefined;
}
