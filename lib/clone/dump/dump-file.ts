import { join } from "node:path";
import { unpacked } from "../../machine/gzip.ts";
import type { Machine } from "../../machine/machine.ts";
import { NoTar, readTar } from "../../machine/tar.ts";
import { newestClient } from "../../postgres/client-programs.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import { clonedSchemas } from "../table.ts";

/** What a file of a person's own is, by its first bytes. */
export type DumpKind = "archive" | "script" | "gzip";

export function dumpProblem(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `dump.${code}`, says, remedy: sentence(remedy) });
}

const unchanged = "Nothing was changed in the database.";
export const damagedDump = (path: string, what: string) =>
  dumpProblem("damaged", `The backup ${path} is damaged or cut off: ${what}.`, `Take another copy of it. ${unchanged}`);

const wrongFormat = (path: string) =>
  dumpProblem(
    "wrong-format",
    `${path} is no backup that pg_dump made: neither its .dump, nor its .sql, nor one of them in a .tar.gz or .gz.`,
    `Name another file. ${unchanged}`,
  );

/** Undefined where it is nothing that can be read. */
function kindOf(first: Buffer): DumpKind | undefined {
  if (first.subarray(0, 5).toString("latin1") === "PGDMP") return "archive";
  if (first[0] === 0x1f && first[1] === 0x8b) return "gzip";
  // pg_dump -Ft: a tar archive whose first file is the table of contents.
  if (first.subarray(0, 8).toString("latin1") === "toc.dat\0") return "archive";
  if (first.includes(0)) return undefined;
  const text = first.toString("utf8");
  return /^(--\s|\/\*|SET |CREATE |COPY |INSERT |BEGIN|\\restrict|\s+(--\s|SET |CREATE ))/im.test(text)
    ? "script"
    : undefined;
}

async function firstBytes(chunks: AsyncIterable<Buffer>, most = 4096): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    bytes += chunk.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(pieces).subarray(0, most);
}

/** Looks at the first bytes of a file. @throws Problem `dump.not-there` or `dump.wrong-format`. */
export async function recogniseDump({ files }: Pick<Machine, "files">, path: string): Promise<DumpKind> {
  const facts = await files.facts((await files.realPath(path)) ?? path);
  if (facts?.kind !== "file")
    throw dumpProblem("not-there", facts ? `${path} is no file.` : `There is no file ${path}.`, "Name the backup.");
  const kind = kindOf(await firstBytes(files.chunks(path)));
  if (kind) return kind;
  throw wrongFormat(path);
}

async function* together(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (;;) {
    const next = await rest.next();
    if (next.done) return;
    yield next.value;
  }
}

/** Takes the one dump out of a .tar.gz, or unpacks a .gz of one, into a file of ours. */
async function unpackInto({ files }: Machine, path: string, plain: string): Promise<DumpKind> {
  const stream = unpacked(files.chunks(path))[Symbol.asyncIterator]();
  const read = await stream.next();
  if (read.done) throw wrongFormat(path);
  const isTar = read.value.subarray(257, 262).toString("latin1") === "ustar" && kindOf(read.value) !== "archive";
  const all = together(read.value, stream);
  if (!isTar) {
    await files.writeNew(plain, all, 0o600);
    return kindOf(await firstBytes(files.chunks(plain))) ?? refuse(path);
  }
  let found: { name: string; kind: DumpKind } | undefined;
  for await (const { name, chunks } of readTar(all)) {
    if (!/\.(dump|sql|backup|pgdump|psql)$/i.test(name)) continue;
    if (found)
      throw dumpProblem(
        "several",
        `${path} holds more than one backup: ${found.name} and ${name}.`,
        `Unpack it and name the one that is meant. ${unchanged}`,
      );
    await files.writeNew(plain, chunks, 0o600);
    found = { name, kind: kindOf(await firstBytes(files.chunks(plain))) ?? refuse(path) };
  }
  return found?.kind ?? refuse(path);
}

function refuse(path: string): never {
  throw wrongFormat(path);
}

/** Has pg_restore write an archive down as text; it connects to nothing, and only the schemas of system data are written. */
async function asScript(
  machine: Machine,
  path: string,
  archive: string,
  script: string,
  signal: AbortSignal,
): Promise<void> {
  const restore = await newestClient(machine, "pg_restore");
  if (!restore)
    throw dumpProblem(
      "no-pg-restore",
      `${path} is an archive of pg_dump, and this machine has no pg_restore to read it.`,
      "Install Debian's postgresql-client, or give the backup as .sql.",
    );
  await machine.files.write(script, "", 0o600);
  const only = clonedSchemas.map((schema) => `--schema=${schema}`);
  const args = [...only, "--no-owner", "--no-privileges", "--no-comments", `--file=${script}`, archive];
  const { code, stderr } = await machine.exec(restore.path, args, { signal, timeoutMs: 3_600_000 });
  if (code === 0) return;
  const said = stderr.trim().split("\n")[0] ?? "";
  if (/unsupported version/.test(said))
    throw dumpProblem(
      "too-new",
      `${path} was made by a newer pg_dump than the pg_restore ${restore.version} of this machine reads.`,
      "Install a newer postgresql-client, or give the backup as .sql.",
    );
  throw damagedDump(path, said.replace(/^pg_restore: (error: )?/, "").replace(/\.$/, ""));
}

/** pg_dump writes a last line, and a text that has its first and not its last was cut off, be it between two statements. */
async function checkWhole({ files }: Machine, path: string, script: string): Promise<void> {
  const begins = (await firstBytes(files.chunks(script))).toString("utf8").includes("-- PostgreSQL database dump\n");
  if (!begins || (await files.tail(script, 1_000))?.includes("-- PostgreSQL database dump complete")) return;
  throw damagedDump(path, "the last line that pg_dump writes is missing");
}

/**
 * Brings a person's own backup into the one form that is read: the text of pg_dump, as a file in a folder of ours.
 * @param folder absolute and there; what is written there is the caller's to remove
 * @returns the file
 * @throws Problem `dump.…`
 */
export async function scriptOf(machine: Machine, path: string, folder: string, signal: AbortSignal): Promise<string> {
  let kind = await recogniseDump(machine, path);
  let plain = path;
  if (kind === "gzip") {
    plain = join(folder, "plain");
    try {
      kind = await unpackInto(machine, path, plain);
    } catch (thrown) {
      if (isProblem(thrown)) throw thrown;
      const isPacking = thrown instanceof NoTar || /^Z_|ERR_ZLIB/.test((thrown as { code?: string }).code ?? "");
      throw isPacking ? damagedDump(path, (thrown as Error).message) : thrown;
    }
  }
  if (kind === "script") {
    await checkWhole(machine, path, plain);
    return plain;
  }
  if (kind !== "archive") throw wrongFormat(path);
  const script = join(folder, "script.sql");
  await asScript(machine, path, plain, script, signal);
  return script;
}
