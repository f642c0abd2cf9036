import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { withoutUser } from "../checkout/git/clone.ts";
import { gitIn, headOf, statusOf } from "../checkout/git/git.ts";
import { fullName } from "../clone/table.ts";
import type { Answers } from "../install/answers.ts";
import { unpacked } from "../machine/gzip.ts";
import { readTar, type TarEntry, tarBytes, writeTar } from "../machine/tar.ts";
import { proveBackup } from "../postgres/backup/prove-backup.ts";
import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import {
  dataFolder,
  definitionsName,
  keyName,
  type Manifest,
  manifest,
  manifestName,
  shortestPassphrase,
} from "./contents.ts";
import { writeDefinitions } from "./database/definitions.ts";
import { bytesOfTables, writeDatabase } from "./database/write-database.ts";
import { sealedBytes } from "./sealed/header.ts";
import { openSealed, seal } from "./sealed/sealed.ts";

/** What a finished backup came to. */
export interface BackupMade {
  file: string;
  bytes: number;
  tables: number;
  rows: number;
  /** Who wrote down what, one sentence. */
  database: string;
  leftOut: readonly string[];
  /** "a scratch database": where its rows were put back and compared. */
  provenIn: string;
  /** The Kalshi key is in it. */
  withKey: boolean;
  checkout: Manifest["checkout"];
}

export interface BackupAsked {
  answers: Answers;
  /** Absolute. */
  out: string;
  passphrase: string;
  /** Of this product. */
  version: string;
  signal: AbortSignal;
}

function problem(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `backup.${code}`, says, remedy: sentence(remedy) });
}

/** What is plain to see before anything is written. @throws Problem */
async function checkPlace({ machine, paths, postgres }: World, { out, passphrase }: BackupAsked): Promise<void> {
  if ([...passphrase].length < shortestPassphrase)
    throw problem(
      "passphrase-too-short",
      `The passphrase is shorter than ${shortestPassphrase} characters.`,
      "Whoever has the file can try passphrases for ever: take several words.",
    );
  if (await machine.files.facts(out))
    throw problem("file-exists", `${out} is there already, and is not overwritten.`, "Name another file.");
  if ((await machine.files.facts((await machine.files.realPath(dirname(out))) ?? dirname(out)))?.kind !== "folder")
    throw problem("folder-missing", `There is no folder ${dirname(out)}.`, "Make it, or name another one.");
  const needed = Math.ceil((await bytesOfTables(postgres)) * 1.1) + 16 * 1024 * 1024;
  const free = { here: await machine.freeBytes(paths.backups), there: await machine.freeBytes(dirname(out)) };
  // The rows are collected in the state folder first; where both lie on one disk, it holds them twice for a while.
  const short =
    free.here < needed ? paths.backups : free.there < (free.here === free.there ? 2 : 1) * needed ? out : undefined;
  if (short === undefined) return;
  const mb = (bytes: number) => Math.ceil(bytes / 1e6);
  throw problem(
    "no-space",
    `There may not be enough space for ${short}: ${mb(short === out ? free.there : free.here)} MB are free, and up to ${mb(needed * (free.here === free.there ? 2 : 1))} MB are needed for a while.`,
    "Free some disk space, or name a file on another disk.",
  );
}

async function checkoutOf({ machine, checkout }: World, signal: AbortSignal): Promise<Manifest["checkout"]> {
  const { root } = checkout;
  const commit = await headOf(machine, root, signal);
  if (commit === undefined) return { root, changed: [] };
  const remote = await gitIn(machine, root, ["remote", "get-url", "origin"], { signal });
  const changed = await statusOf(machine, root, { signal });
  const url = remote.code === 0 ? withoutUser(remote.stdout.trim()) : "";
  return { root, commit, ...(url ? { remote: url } : {}), changed: changed.slice(0, 200) };
}

/** The key as it lies in its place in the checkout; a backup without the key that is installed would be no move. */
async function keyOf({ machine, checkout }: World, answers: Answers): Promise<Buffer | undefined> {
  if (answers.kalshi.kind === "none") return undefined;
  const file = join(checkout.credentials(answers.kalshi.environment), "kalshi.pem");
  const pem = await machine.files.readBytes(file);
  if (pem) return pem;
  throw problem(
    "key-missing",
    `The Kalshi key is not in its place, ${file}.`,
    "Mend what the health page says, and try again.",
  );
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** The entries of the archive, in their order: the manifest first, then what is small, then the rows. */
async function entriesOf(world: World, folder: string, told: Manifest, key: Buffer | undefined): Promise<TarEntry[]> {
  const { files } = world.machine;
  const text = Buffer.from(`${JSON.stringify(told, null, 1)}\n`);
  const entries: TarEntry[] = [{ name: manifestName, size: text.length, chunks: once(text) }];
  if (key) entries.push({ name: keyName, size: key.length, chunks: once(key) });
  for (const [name, file] of [
    [definitionsName, definitionsName],
    ...told.database.tables.map((table) => [`${dataFolder}/${table.file}`, table.file] as const),
  ] as const) {
    const facts = await files.facts(join(folder, file));
    if (facts) entries.push({ name, size: facts.size, chunks: files.chunks(join(folder, file)) });
  }
  return entries;
}

/**
 * Opens the file again as another machine will, puts its rows into a scratch database and compares counts and hashes.
 * @returns where
 * @throws Problem `backup.not-restorable`
 */
async function proveFile(world: World, file: string, told: Manifest, asked: BackupAsked): Promise<string> {
  const archive = readTar(openSealed(world.machine.files, file, asked.passphrase));
  const lost = (what: string) =>
    problem("not-restorable", `${what} cannot be read back from the backup.`, "Look at the disk, and try again.");
  const first = await archive.next();
  const read: Buffer[] = [];
  if (!first.done) for await (const chunk of first.value.chunks) read.push(chunk);
  const again = manifest.safeParse(JSON.parse(Buffer.concat(read).toString("utf8")));
  if (!again.success || JSON.stringify(again.data) !== JSON.stringify(manifest.parse(told))) throw lost("The manifest");
  const rowsOf = async function* (table: { file: string }) {
    for (;;) {
      const next = await archive.next();
      if (next.done) throw lost(table.file);
      if (next.value.name === `${dataFolder}/${table.file}`) return yield* unpacked(next.value.chunks);
    }
  };
  return proveBackup(world.postgres, { tables: told.database.tables, rowsOf }, asked.signal);
}

/**
 * Writes one encrypted file with which another machine becomes this installation: the database, the Kalshi key, the
 * answers, and which checkout it was. It has its name only when it was read back and every row was compared.
 * @throws Problem where something stands in the way; then there is no file.
 */
export async function makeBackup(world: World, asked: BackupAsked): Promise<BackupMade> {
  const { machine, paths } = world;
  const { files } = machine;
  await files.makeFolder(paths.backups, 0o700);
  await checkPlace(world, asked);
  const key = await keyOf(world, asked.answers);
  const folder = join(paths.backups, "moving");
  const file = `${asked.out}.${randomBytes(4).toString("hex")}.part`;
  try {
    // Only the holder of the state makes backups: what is left there is of one that was killed.
    await files.removeTree(folder);
    await files.makeFolder(folder, 0o700);
    const { server, tables, unreadable } = await writeDatabase(world, folder, asked.signal);
    const definitions = await writeDefinitions(
      { machine, paths, target: world.postgres.target },
      { server, unreadable },
      join(folder, definitionsName),
      asked.signal,
    );
    const leftOut = unreadable.map(
      (table) => `The rows of ${fullName(table)} are not in it: its owner lets nobody of ours read them all.`,
    );
    const told: Manifest = {
      format: 1,
      madeAt: new Date().toISOString(),
      product: asked.version,
      world: world.kind,
      machine: hostname(),
      answers: asked.answers,
      checkout: await checkoutOf(world, asked.signal),
      database: { server, tables, leftOut, definitions },
    };
    const entries = await entriesOf(world, folder, told, key);
    const size = tarBytes(entries.map((entry) => entry.size));
    await files.writeNew(file, seal(writeTar(entries), size, asked.passphrase), 0o600);
    const provenIn = await proveFile(world, file, told, asked);
    await nameIt(world, file, asked.out);
    return {
      file: asked.out,
      bytes: sealedBytes(size),
      tables: tables.length,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      database: definitions,
      leftOut,
      provenIn,
      withKey: key !== undefined,
      checkout: told.checkout,
    };
  } finally {
    await files.remove(file);
    await files.removeTree(folder);
  }
}

async function nameIt({ machine }: World, file: string, out: string): Promise<void> {
  if (await machine.files.facts(out))
    throw problem("file-exists", `${out} is there already, and is not overwritten.`, "Name another file.");
  await machine.files.rename(file, out);
}
