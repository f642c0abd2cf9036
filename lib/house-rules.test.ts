import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "playwright/test";
import { projectRoot } from "./paths.ts";

/** The house rules of CONTRIBUTING, as far as a machine can see them. */

const root = projectRoot();
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const isTest = (file: string) =>
  /\.(test|spec)\.tsx?$/.test(file) ||
  /(^|\/)test-[^/]+\.ts$/.test(file) ||
  /\/fixture\//.test(file) ||
  file.startsWith("e2e/");
const sources = tracked
  .filter((file) => /\.tsx?$/.test(file) && /^(app|components|lib)\//.test(file))
  .map((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return { file, text, imports: importsOf(text) };
  });
const code = sources.filter(({ file }) => !isTest(file));

/** What a file imports or exports from, with the information whether only types are taken. */
function importsOf(text: string): { from: string; typeOnly: boolean }[] {
  const found = [...text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?from\s*)?["']([^"']+)["']/gm)];
  const dynamic = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)];
  return [
    ...found.map((match) => ({ from: match[2] ?? "", typeOnly: Boolean(match[1]) })),
    ...dynamic.map((match) => ({ from: match[1] ?? "", typeOnly: /import\(["'][^"']+["']\)\./.test(match[0]) })),
  ];
}

/** The path of an import inside the repository, or undefined for a package. */
function target(file: string, from: string): string | undefined {
  return from.startsWith(".") ? normalize(join(dirname(file), from)) : undefined;
}

function offenders(files: typeof code, bad: (file: string, from: string, typeOnly: boolean) => boolean): string[] {
  return files.flatMap(({ file, imports }) =>
    imports.filter(({ from, typeOnly }) => bad(file, from, typeOnly)).map(({ from }) => `${file} imports ${from}`),
  );
}

const within = (file: string, ...rooms: string[]) => rooms.some((room) => file === room || file.startsWith(room));

test("lib knows no React, no Next (but lib/server), and nothing of app or components", () => {
  const files = code.filter(({ file }) => within(file, "lib/"));
  expect(
    offenders(files, (file, from) => {
      if (/^react(-dom)?($|\/)/.test(from)) return true;
      if (/^next($|\/)/.test(from)) return !within(file, "lib/server/");
      const path = target(file, from);
      return path !== undefined && within(path, "app/", "components/");
    }),
  ).toEqual([]);
});

test("the engine has heard of nothing but problems and the world's types", () => {
  const files = sources.filter(({ file }) => within(file, "lib/engine/"));
  expect(
    offenders(files, (file, from, typeOnly) => {
      const path = target(file, from);
      if (path === undefined || within(path, "lib/engine/", "lib/problem.ts")) return false;
      return !(path === "lib/world.ts" && (typeOnly || isTest(file)));
    }),
  ).toEqual([]);
});

test("components take from lib only the events, the fold, the answers and types", () => {
  const files = code.filter(({ file }) => within(file, "components/"));
  const allowed = ["lib/engine/events.ts", "lib/engine/state.ts", "lib/engine/probe.ts", "lib/install/answers.ts"];
  expect(
    offenders(files, (file, from, typeOnly) => {
      const path = target(file, from);
      return path !== undefined && within(path, "lib/", "app/") && !typeOnly && !allowed.includes(path);
    }),
  ).toEqual([]);
});

test("only postgres and clone speak to pg", () => {
  expect(
    offenders(code, (file, from) => /^pg($|\/|-)/.test(from) && !within(file, "lib/postgres/", "lib/clone/")),
  ).toEqual([]);
});

test("only the rooms at the edge start processes or touch files", () => {
  const rooms = ["lib/machine/", "lib/server/", "lib/engine/journal.ts", "lib/postgres/sql-file.ts", "lib/paths.ts"];
  expect(offenders(code, (file, from) => /^node:(child_process|fs)/.test(from) && !within(file, ...rooms))).toEqual([]);
});

test("only the settings read the environment, and only the runtime touches globalThis", () => {
  const strip = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const env = code
    .filter(({ file, text }) => file !== "lib/settings.ts" && /process\.env\b/.test(strip(text)))
    .map(({ file }) => file);
  expect(env).toEqual([]);
  const global = code
    .filter(({ file, text }) => file !== "lib/runtime.ts" && /\bglobalThis\b/.test(strip(text)))
    .map(({ file }) => file);
  expect(global).toEqual([]);
});

test("SQL of more than one line is a file in sql", () => {
  const statement =
    /`\s*(select|insert|update|delete|create|alter|drop|grant|with)\b[^`]*\n[^`]*\b(from|into|set|table|role|schema|database|on)\b[^`]*`/i;
  const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  expect(code.filter(({ text }) => statement.test(withoutComments(text))).map(({ file }) => file)).toEqual([]);
});

test("the answer of an action is thin: app asks nothing of the database, the machine or the exchange", () => {
  const rooms = [
    "lib/postgres/",
    "lib/machine/",
    "lib/kalshi/",
    "lib/supervisor/",
    "lib/checkout/",
    "lib/clone/",
    "lib/install/steps/",
  ];
  const files = code.filter(({ file }) => within(file, "app/"));
  expect(
    offenders(files, (file, from, typeOnly) => {
      const path = target(file, from);
      return path !== undefined && within(path, ...rooms) && !typeOnly;
    }),
  ).toEqual([]);
});

test("no import runs in a circle", () => {
  const graph = new Map(
    code.map(({ file, imports }) => [
      file,
      imports.flatMap(({ from, typeOnly }) => {
        const path = target(file, from);
        return path && !typeOnly ? [path] : [];
      }),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  function walk(file: string, trail: string[]) {
    if (trail.includes(file)) {
      circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  }
  for (const file of graph.keys()) walk(file, []);
  expect(circles).toEqual([]);
});

test("names say something", () => {
  expect(tracked.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/)/i.test(file))).toEqual([]);
});

test("no file is long enough to ask to be split", () => {
  const long = sources.filter(({ text }) => text.split("\n").length > 301).map(({ file }) => file);
  expect(long).toEqual([]);
});

test("top-level folders are the given ones", () => {
  const folders = new Set(tracked.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
  const given = ["app", "components", "lib", "sql", "e2e", "public", ".ci", ".github", "docs"];
  expect([...folders].filter((folder) => !given.includes(folder ?? ""))).toEqual([]);
});

test("a step's file is named by its id", () => {
  const steps = sources.filter(
    ({ file }) =>
      within(file, "lib/install/steps/") &&
      !isTest(file) &&
      /\bstep[<(]/.test(file + readFileSync(join(root, file), "utf8")),
  );
  const wrong = steps.filter(({ file, text }) => {
    const id = text.match(/\bstep(?:<[^>]*>)?\(\{\s*id: "([^"]+)"/)?.[1];
    return id !== undefined && !file.endsWith(`/${id}.ts`);
  });
  expect(wrong.map(({ file }) => file)).toEqual([]);
});

test("no test is switched off for ever or kept alone", () => {
  const tests = tracked.filter((file) => isTest(file) && /\.tsx?$/.test(file));
  const bad = tests.filter((file) =>
    /\btest\.(only|fixme)\(|\bdescribe\.only\(|waitForTimeout\(/.test(
      readFileSync(join(root, file), "utf8").replace(/\/[^/\n]*\/\.test/g, ""),
    ),
  );
  expect(bad.filter((file) => file !== "lib/house-rules.test.ts")).toEqual([]);
});

test("the lock file names no registry", () => {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  expect(lock).not.toMatch(/"resolved":/);
});
