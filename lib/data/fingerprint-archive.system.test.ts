import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { projectRoot } from "../paths.ts";
import { fingerprintArchive, fingerprintEntries } from "../rehearsal/checkout/fingerprints.ts";
import { zipOf } from "../rehearsal/checkout/zip.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec-archive-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the reader says of an archive: its shape, or why it refuses it. */
function read(archive: Buffer): string {
  const path = join(folder, "archive.zip");
  writeFileSync(path, archive);
  const script =
    "import sys; sys.path.insert(0, sys.argv[1]); import fingerprint_archive as f\n" +
    "try: print(f.read(sys.argv[2]).chances.shape)\n" +
    "except f.Unusable as why: print('refused:', why)";
  const module = join(projectRoot(), "lib/data/python");
  return execFileSync("/usr/bin/python3", ["-I", "-B", "-c", script, module, path], { encoding: "utf8" }).trim();
}

const entries = fingerprintEntries();
const withEntry = (name: string, content = "x") => zipOf([...entries, { name, content: Buffer.from(content) }]);

/** The archive with a number in its first central directory entry replaced. */
function patched(archive: Buffer, offset: number, write: (buffer: Buffer, at: number) => void): Buffer {
  const copy = Buffer.from(archive);
  write(copy, copy.indexOf("PK\x01\x02", 0, "latin1") + offset);
  return copy;
}

test("an honest archive is sixty-one buckets of sixty minutes and forty moves each way", () => {
  expect(read(fingerprintArchive())).toBe("(61, 60, 40, 2)");
});

test("names that lead out of the archive are refused", () => {
  for (const name of ["../../etc/passwd", "/etc/passwd", "a\\..\\b.csv", "C:/x.csv", "a/../../b"])
    expect(read(withEntry(name))).toContain("leads out of the archive");
});

test("links, encrypted entries, doubled buckets and too large ones are refused", () => {
  const link = patched(fingerprintArchive(), 38, (buffer, at) => buffer.writeUInt32LE(0o120777 * 65_536, at));
  expect(read(link)).toContain("is a link");
  const secret = patched(fingerprintArchive(), 8, (buffer, at) => buffer.writeUInt16LE(0x0801, at));
  expect(read(secret)).toContain("is encrypted");
  const bucket = "btc_fingerprint_directional_momentum_000.csv";
  expect(read(withEntry(bucket))).toContain("twice");
  expect(read(withEntry("bomb.csv", "0".repeat(1024 * 1024 + 1)))).toContain("unpacks to more than");
});

test("an entry that unpacks to more than it declares is refused", () => {
  const first = entries[1];
  if (!first) throw new Error("the archive has no entries");
  const lying = zipOf([{ name: first.name, content: Buffer.alloc(3_000_000, 48) }, ...entries.slice(2)]);
  const small = patched(lying, 24, (buffer, at) => buffer.writeUInt32LE(1000, at));
  expect(read(small)).toMatch(/^refused:/);
});

test("missing buckets, other shapes and values that are no probabilities are refused", () => {
  expect(read(zipOf(entries.slice(0, -1)))).toContain("lacks 1 of 61");
  const other = (from: string | RegExp, to: string) =>
    zipOf(
      entries.map((entry, index) =>
        index === 5 ? { ...entry, content: Buffer.from(entry.content.toString().replace(from, to)) } : entry,
      ),
    );
  expect(read(other(/\n2m TTC,[\d.]+/, "\n2m TTC,101"))).toContain("no probability");
  expect(read(other(/\n2m TTC,[\d.]+/, "\n2m TTC,nan"))).toContain("no probability");
  expect(read(other(/\n2m TTC,[\d.]+/, "\n2m TTC,many"))).toContain("not a fingerprint");
  expect(read(other("\n2m TTC", "\n3m TTC"))).toContain("names a minute twice");
  expect(read(other(/\n60m TTC.*/, ""))).toContain("other minutes or moves");
  expect(read(Buffer.from("PK not a zip"))).toContain("not a readable zip file");
});
