import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { projectRoot } from "../paths.ts";
import { freePortAbove } from "../server/port-choice.ts";
import { stopServer } from "../server/start-server.ts";

/*
 * A clone without node_modules and without a build, in a folder whose name has a blank and a quote. npm is one that puts
 * the real packages in place as `npm ci` would, and counts how often it was asked; the runtime is the fixture's.
 */
let folder: string;
let clone: string;
let state: string;
let port: number;
let environment: NodeJS.ProcessEnv;

const parts = [
  "app",
  "components",
  "lib",
  "public",
  "sql",
  "next.config.ts",
  "package.json",
  "package-lock.json",
  "postcss.config.mjs",
  "proxy.ts",
  "setup.cjs",
  "tsconfig.json",
];

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "launcher-clone-"));
  clone = join(folder, "it's a clone");
  state = join(folder, "state");
  mkdirSync(clone);
  for (const part of parts)
    if (existsSync(join(projectRoot(), part)))
      cpSync(join(projectRoot(), part), join(clone, part), { recursive: true });
  writeFileSync(
    join(clone, "lib/runtime/create.ts"),
    'export { createRuntime } from "../server/fixture/fixture-runtime.ts";\n',
  );
  // The trial on a real checkout is a room of its own, with doors of its own.
  rmSync(join(clone, "lib/cli/test-recio.ts"), { force: true });
  const npm = join(folder, "npm.cjs");
  writeFileSync(
    npm,
    `require("node:fs").appendFileSync(${JSON.stringify(join(folder, "npm.log"))}, process.argv.slice(2).join(" ") + "\\n");
if (require("node:fs").existsSync(${JSON.stringify(join(folder, "no-network"))})) process.exit(7);
const real = ${JSON.stringify(realpathSync(join(projectRoot(), "node_modules")))};
const copy = (...args) => require("node:child_process").execFileSync("cp", args);
copy("-al", real, "node_modules");
// A hard link is the same file: what this test writes to has to be a file of its own.
copy("-a", "--remove-destination", real + "/.package-lock.json", "node_modules/.package-lock.json");\n`,
  );
  environment = { ...process.env, npm_execpath: npm };
  port = (await freePortAbove(24_000 + test.info().workerIndex * 100)) as number;
});
test.afterEach(async () => {
  await stopServer(state);
  rmSync(folder, { recursive: true, force: true });
});

const npmCalls = () =>
  existsSync(join(folder, "npm.log")) ? readFileSync(join(folder, "npm.log"), "utf8").trim().split("\n") : [];

function run(...args: string[]) {
  const began = Date.now();
  const end = spawnSync(process.execPath, [join(clone, "setup.cjs"), ...args, "--state", state], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  return { ...end, tookMs: Date.now() - began };
}

test("a fresh clone speaks at once, installs, builds, and serves; again, it does none of that", async () => {
  test.setTimeout(180_000);
  const began = Date.now();
  const setup = spawn(
    process.execPath,
    [join(clone, "setup.cjs"), "setup", "--no-open", "--port", String(port), "--state", state],
    { env: environment },
  );
  let output = "";
  let spokeAfter = 0;
  for (const stream of [setup.stdout, setup.stderr]) {
    stream.setEncoding("utf8").on("data", (part) => {
      if (output === "") spokeAfter = Date.now() - began;
      output += part;
    });
  }
  const link = () => new RegExp(`http://localhost:${port}/#code=([\\w-]{22})\\n`).exec(output);
  await expect.poll(() => link() !== null || setup.exitCode !== null, { timeout: 150_000 }).toBe(true);
  expect(link(), output).not.toBeNull();
  expect(spokeAfter).toBeLessThan(2_000);
  expect(npmCalls()).toEqual(["ci --no-audit --no-fund --loglevel=notice"]);
  const first = await fetch(`http://localhost:${port}/`);
  expect(first.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");

  // After the first page, Next's own listener for upgrades must not have come past ours.
  const upgrade = connect(port, "127.0.0.1");
  upgrade.write("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const [answer] = (await once(upgrade, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 421 /);
  upgrade.destroy();

  const again = run("setup", "--json");
  expect(again.status).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ port, link: expect.stringContaining("#code=") });
  expect(again.tookMs).toBeLessThan(3_000);
  expect(npmCalls()).toHaveLength(1);

  // Sources that change meanwhile are built next time, beside the version that runs and never beneath it.
  const { version } = JSON.parse(readFileSync(join(state, "server.json"), "utf8")) as { version: string };
  const builtAt = statSync(join(clone, ".build", version, "pages.complete")).mtimeMs;
  appendFileSync(join(clone, "lib/server/listener/listener.ts"), "// changed\n");
  expect(run("doctor", "--json").status).toBe(1);
  expect(statSync(join(clone, ".build", version, "pages.complete")).mtimeMs).toBe(builtAt);
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(first.status);

  // Packages are not replaced beneath a server of another state either.
  writeFileSync(join(clone, "node_modules/.package-lock.json"), "{}");
  expect(readFileSync(join(projectRoot(), "node_modules/.package-lock.json"), "utf8")).not.toBe("{}");
  const other = spawnSync(
    process.execPath,
    [join(clone, "setup.cjs"), "start", "--json", "--state", `${state}-other`],
    { env: environment, encoding: "utf8" },
  );
  expect(JSON.parse(other.stdout)).toMatchObject({
    problem: { code: "setup.packages-in-use", says: expect.stringContaining(state) },
  });
  expect(npmCalls()).toHaveLength(1);

  const interruptedAt = Date.now();
  const ended = new Promise((resolve) => setup.once("close", resolve));
  setup.kill("SIGINT");
  await ended;
  expect(Date.now() - interruptedAt).toBeLessThan(2_000);
  await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow();
});

test("packages that cannot be installed are one sentence, and the next try begins anew", () => {
  writeFileSync(join(folder, "no-network"), "");
  const end = run("doctor", "--json");
  expect(end.status).toBe(1);
  expect(JSON.parse(end.stdout)).toEqual({
    problem: { code: "setup.packages-not-installed", says: expect.stringContaining("npm ci ended with 7") },
  });
  rmSync(join(folder, "no-network"));
  expect(JSON.parse(run("doctor", "--json").stdout)).toMatchObject({ installed: false });
  expect(npmCalls()).toHaveLength(2);
  expect(existsSync(join(clone, ".build"))).toBe(true);
  expect(existsSync(state)).toBe(false);
});

test("an old Node is told in one sentence which one is needed, and can parse the launcher", () => {
  const pretend = join(folder, "pretend.cjs");
  for (const [old, code] of [
    ["8.17.0", 1],
    ["20.8.1", 1],
    ["0.10.48", 1],
  ] as const) {
    writeFileSync(pretend, `Object.defineProperty(process.versions, "node", { value: "${old}" });`);
    const end = spawnSync(process.execPath, ["-r", pretend, join(clone, "setup.cjs"), "setup"], { encoding: "utf8" });
    expect(end.status).toBe(code);
    expect(end.stderr).toMatch(
      new RegExp(
        `^REC\\.IO Setup needs Node 20\\.9 or newer and this is Node ${old}: get it from https://nodejs\\.org.+\\n$`,
      ),
    );
    expect(end.stdout).toBe("");
  }
  const { transformSync } = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
  // esbuild refuses what ECMAScript 5 cannot say: const, arrows and templates among it.
  expect(() => transformSync("const a = 1;", { target: "es5" })).toThrow();
  const text = readFileSync(join(clone, "setup.cjs"), "utf8");
  expect(() =>
    transformSync(text, { target: "es5", supported: { arrow: false, "template-literal": false } }),
  ).not.toThrow();
  expect(text).not.toMatch(/=>|\bimport\b|\?\./);
});
