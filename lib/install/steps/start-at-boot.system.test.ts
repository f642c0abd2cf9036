import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { bootProbe } from "../../health/probes/machine/boot.ts";
import { bootText } from "../../machine/boot/unit.ts";
import { localMachine } from "../../machine/local-machine.ts";
import type { FileFacts, Machine } from "../../machine/machine.ts";
import { statePaths } from "../../paths.ts";
import { readSettings } from "../../settings.ts";
import type { World } from "../../world.ts";
import { startAtBoot } from "./start-at-boot.ts";

let folder = "";
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec-boot-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The files are real. systemd is a list of what is enabled, because a test machine runs none and must not get a unit. */
function room(systemd: boolean) {
  const paths = statePaths(join(folder, "state"));
  mkdirSync(paths.state);
  const real = localMachine({ stateFolder: paths.state });
  const enabled = new Set<string>();
  const said: string[] = [];
  const running = { kind: "folder" } as FileFacts;
  const machine: Machine = {
    ...real,
    facts: async () => ({ ...(await real.facts()), platform: "linux", root: false }),
    files: {
      ...real.files,
      facts: async (path) =>
        path === "/run/systemd/system" || path.startsWith("/run/user/")
          ? systemd
            ? running
            : undefined
          : real.files.facts(path),
    },
    async exec(program, args) {
      expect(program).toBe("systemctl");
      const words = args.filter((word) => !word.startsWith("--"));
      said.push(words.join(" "));
      const [verb = "", name = ""] = words;
      if (verb === "enable") enabled.add(name);
      if (verb === "disable") enabled.delete(name);
      const code = verb !== "is-enabled" || enabled.has(name) ? 0 : 1;
      return { code, signal: null, stdout: "", stderr: "" };
    },
  };
  const world = { machine, paths, settings: readSettings({ HOME: folder }), kind: "real" } as unknown as World;
  const spent: unknown[] = [];
  const job = {
    signal: new AbortController().signal,
    secrets: {},
    progress() {},
    log() {},
    spent: async (receipt: unknown) => void spent.push(receipt),
  } as never;
  const look = async () => bootProbe.judge(await bootProbe.collect(world, new AbortController().signal));
  return { world, job, look, said, enabled };
}

test("the unit is shown with its whole text, made, enabled, found again when it changes, and taken back", async () => {
  const { world, job, look, said, enabled } = room(true);
  expect(await look()).toMatchObject({ level: "fail", says: "REC.IO is not started at boot." });
  const [shown] = await startAtBoot.describe(world);
  const receipt = await startAtBoot.run(world, job);
  expect(shown?.target).toBe(receipt.file);
  expect(shown?.detail).toContain(readFileSync(receipt.file, "utf8"));
  expect(statSync(receipt.file).mode & 0o777).toBe(0o644);
  expect(await look()).toMatchObject({ level: "ok" });
  // It starts at boot; what runs now is not started a second time.
  expect(said.filter((words) => /^(start|restart)/.test(words))).toEqual([]);
  enabled.clear();
  expect(await look()).toMatchObject({ level: "fail", says: expect.stringContaining("not enabled") });
  writeFileSync(receipt.file, "[Service]\nExecStart=/bin/true\n");
  expect(await look()).toMatchObject({ level: "fail", says: expect.stringContaining("not what this version writes") });
  await startAtBoot.run(world, job);
  expect(await look()).toMatchObject({ level: "ok" });
  if ("never" in startAtBoot.undo) throw new Error("it can be taken back");
  for (const _twice of [1, 2]) await startAtBoot.undo.takeBack(world, receipt, job);
  expect(existsSync(join(folder, ".config"))).toBe(false);
  expect(enabled.size).toBe(0);
  expect(await look()).toMatchObject({ level: "fail" });
});

test("where no systemd runs that is said, nothing is shown and nothing stands in the way", async () => {
  const { world, look } = room(false);
  expect(await look()).toMatchObject({ level: "warn", says: expect.stringContaining("runs no systemd") });
  expect(await startAtBoot.describe(world)).toEqual([]);
});

test("systemd itself takes the unit, with blanks, quotes and signs in every path of it", async () => {
  const { world, job } = room(true);
  const real = localMachine({ stateFolder: folder });
  test.skip((await real.find("systemd-analyze")) === undefined, "systemd-analyze is not on this machine");
  const receipt = await startAtBoot.run(world, job);
  for (const scope of ["system", "user"] as const) {
    const command = {
      node: process.execPath,
      project: join(folder, `REC "IO" 50% o'c$x; y`),
      home: folder,
      rehearsal: false,
    };
    mkdirSync(command.project, { recursive: true });
    const text = bootText({ ...command, state: `/var/lib/50% "x"$y\\z` }, { kind: "systemd", scope });
    const file = join(folder, `rec-io-setup-${scope}.service`);
    writeFileSync(file, text);
    for (const unit of [file, receipt.file]) {
      const { code, stdout, stderr } = await real.exec("systemd-analyze", [`--${scope}`, "--man=no", "verify", unit], {
        // Where a user's systemd would keep its state; without one it says nothing about a unit.
        env: { PATH: "/usr/bin:/bin", XDG_RUNTIME_DIR: folder },
      });
      // A unit that is not there is no fault of ours: a bare machine has no network target.
      const said = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("rec-io-setup"));
      expect({ scope, unit, code, said }).toMatchObject({ code: 0, said: [] });
    }
  }
  const broken = join(folder, "rec-io-setup-broken.service");
  writeFileSync(broken, "[Service]\nType=oneshot\nExecStart=relative/path\n");
  expect((await real.exec("systemd-analyze", ["--man=no", "verify", broken])).code).not.toBe(0);
});

test("an agent of launchd is a property list that is read back word for word", async () => {
  const real = localMachine({ stateFolder: folder });
  const command = {
    node: "/usr/bin/node",
    project: `/Users/a & b/REC "IO" <50%>`,
    home: "/Users/a & b",
    rehearsal: true,
  };
  const state = `/Users/a & b/'state' >x`;
  const file = join(folder, "agent.plist");
  writeFileSync(file, bootText({ ...command, state }, { kind: "launchd", scope: "user" }));
  const lines = "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
  const { stdout } = await real.exec("/usr/bin/python3", ["-c", lines, file]);
  expect(JSON.parse(stdout)).toMatchObject({
    ProgramArguments: ["/usr/bin/node", join(command.project, "setup.cjs"), "start", `--state=${state}`, "--rehearsal"],
    WorkingDirectory: command.project,
    RunAtLoad: true,
    AbandonProcessGroup: true,
  });
});
