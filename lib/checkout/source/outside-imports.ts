import { dirname, join } from "node:path";
import type { Machine } from "../../machine/machine.ts";

interface ImportLine {
  /** Dots of a relative import. */
  level: number;
  module: string;
  names: string[];
  /** The code says that it can do without. */
  guarded: boolean;
}

/** Strings and comments, the triple-quoted ones first; what is in them is no code. */
const noCode = /("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g;

const indentOf = (line: string) => line.length - line.trimStart().length;

/** Whether the handlers of the `try` in this line say that an import in it may fail: as `read_sources.py` has it. */
function isOptional(lines: readonly string[], at: number): boolean {
  const indent = indentOf(lines[at] ?? "");
  for (const line of lines.slice(at + 1)) {
    if (line.trim() === "" || indentOf(line) > indent) continue;
    if (indentOf(line) < indent || !/^\s*except\b/.test(line)) return false;
    if (/\b(ImportError|ModuleNotFoundError)\b/.test(line)) return true;
    // Around a whole function a broad handler says nothing about its imports.
    if (indent === 0 && /^except\s*(:|\(?.*\b(Exception|BaseException)\b)/.test(line)) return true;
  }
  return false;
}

function namesOf(list: string): string[] {
  return list
    .replace(/[()\\]/g, " ")
    .split(",")
    .flatMap((part) => /^\s*([\w.]+)/.exec(part)?.[1] ?? []);
}

/** The import statements of a Python source, read as text. Pure. */
export function importLines(source: string): ImportLine[] {
  const code = source
    .replace(noCode, (match) => (match.startsWith("#") ? "" : '""'))
    // A list of names in brackets, and a line that goes on behind a backslash, count as one line.
    .replace(/\bimport\s*\([^()]*\)/g, (match) => match.replace(/\s+/g, " "))
    .replace(/\\\n\s*/g, " ");
  const lines = code.split("\n");
  const open: { indent: number; guarded: boolean }[] = [];
  const found: ImportLine[] = [];
  lines.forEach((line, at) => {
    if (line.trim() === "") return;
    const indent = indentOf(line);
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const above = open.at(-1)?.guarded ?? false;
    if (/^\s*try\s*:/.test(line)) open.push({ indent, guarded: above || isOptional(lines, at) });
    // A handler around a definition catches nothing of what happens when it is called.
    else if (/^\s*(async\s+)?def\b/.test(line)) open.push({ indent, guarded: false });
    const guarded = open.at(-1)?.guarded ?? false;
    for (const statement of line.replace(/^\s*try\s*:/, "").split(";")) {
      const from = /^\s*from\s+(\.*)\s*([\w.]*)\s+import\b(.*)$/.exec(statement);
      if (from) {
        const [, dots = "", module = "", names = ""] = from;
        found.push({ level: dots.length, module, names: namesOf(names), guarded });
        continue;
      }
      const plain = /^\s*import\s+(.+)$/.exec(statement)?.[1];
      for (const module of plain ? namesOf(plain) : []) found.push({ level: 0, module, names: [], guarded });
    }
  });
  return found;
}

/**
 * Top-level names of the modules from outside the checkout that these scripts, and what they import inside it, import
 * without saying that they can do without; the standard library's among them. Read as text, so that it can be told on a
 * machine that has no Python yet. What the installed interpreter says of the same sources counts in the end.
 * @param scripts relative to the root
 */
export async function outsideImports(
  { files }: Pick<Machine, "files">,
  root: string,
  scripts: readonly string[],
): Promise<string[]> {
  const outside = new Set<string>();
  const seen = new Set<string>();
  const waiting = scripts.map((script) => ({ path: join(root, script), home: dirname(join(root, script)) }));
  const isFile = async (path: string) => (await files.facts(path))?.kind === "file";

  /** The file of the checkout that a module leads to, "" for a package without one, undefined where it is not ours. */
  const fileOf = async (module: string, folders: readonly string[]): Promise<string | undefined> => {
    const parts = module.split(".");
    for (const folder of folders) {
      const place = join(folder, ...parts);
      for (const path of [`${place}.py`, join(place, "__init__.py")]) if (await isFile(path)) return path;
      const top = join(folder, parts[0] ?? "");
      const holdsPython = (await files.list(top).catch(() => [])).some((name) => name.endsWith(".py"));
      if (holdsPython || (await isFile(`${top}.py`))) return "";
    }
    return undefined;
  };

  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { path, home } = next;
    if (seen.has(`${path}\0${home}`)) continue;
    seen.add(`${path}\0${home}`);
    for (const { level, module, names, guarded } of importLines((await files.read(path)) ?? "")) {
      let folders = [home, root, join(root, "backend")];
      if (level > 0) folders = [join(dirname(path), ...Array.from({ length: level - 1 }, () => ".."))];
      if (level === 0 && (await fileOf(module, folders)) === undefined) {
        if (!guarded) outside.add(module.split(".")[0] ?? module);
        continue;
      }
      for (const name of [module, ...names.map((one) => (module === "" ? one : `${module}.${one}`))]) {
        const target = name === "" ? undefined : await fileOf(name, folders);
        if (target) waiting.push({ path: target, home });
      }
    }
  }
  return [...outside].sort();
}
