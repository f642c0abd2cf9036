import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import type { Checkout } from "../../checkout/checkout.ts";
import { heardJob } from "../../checkout/test-steps.ts";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine, Packages } from "../../machine/machine.ts";
import { installSystemPackages } from "./install-system-packages.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rec-packages-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const answers = (systemPackages: boolean) => ({
  python: { packages: "system" as const },
  data: { kind: "none" as const },
  consent: { systemPackages, goOnWithout: [] },
});

/** What the start-up hook guards is here already: this is about what the checkout imports. */
const hook = ["fastapi", "flask", "multipart", "requests", "uvicorn", "websockets"].map((name) => `python3-${name}`);

/** A machine with git and Python whose user may or may not install; what is installed or unpacked is remembered. */
function ground(way: ReturnType<Packages["way"]>, here: readonly string[] = ["python3", ...hook]) {
  const real = localMachine({ stateFolder: folder });
  const unpacked = join(folder, "unpacked");
  const installed = new Set(here);
  const there = () => readdirSync(folder).includes("unpacked");
  const names = new Set<string>();
  const packages: Packages = {
    folder: unpacked,
    way: () => way,
    installed: async (asked) => asked.filter((name) => installed.has(name) || (there() && names.has(name))),
    unpacked: async (asked) => asked.filter((name) => there() && names.has(name)),
    command: (asked) => `apt-get install ${asked.join(" ")}`,
    place: async (path) => path,
    async install(asked) {
      for (const name of asked) installed.add(name);
    },
    async unpack(asked) {
      mkdirSync(unpacked, { recursive: true });
      names.clear();
      for (const name of [...asked, "libpq5"]) names.add(name);
      return [...names];
    },
  };
  const machine: Machine = {
    ...real,
    packages,
    facts: async () => ({ ...(await real.facts()), packageTool: "apt" }),
    find: async (program) => `/usr/bin/${program}`,
  };
  const imports = ["json", "psycopg2"];
  const checkout = { imports: async () => imports } as unknown as Checkout;
  return { world: { machine, checkout }, unpacked, import: (name: string) => void imports.push(name) };
}

async function level(step: ReturnType<typeof installSystemPackages>, world: ReturnType<typeof ground>["world"]) {
  const [probe] = step.probes;
  return probe.judge(await probe.collect(world as never, new AbortController().signal)).level;
}

test("Who may install gets exactly what the checkout needs; it stays, and the uninstall says so", async () => {
  const { world } = ground("install");
  const step = installSystemPackages(answers(true));
  expect((await step.describe(world)).map(({ target }) => target)).toEqual([
    "supervisor",
    "python3-bcrypt",
    "python3-psycopg2",
  ]);
  expect(await level(step, world)).toBe("fail");
  const receipt = await step.run(world, heardJob().job as never);
  expect(receipt).toEqual({ installed: ["supervisor", "python3-bcrypt", "python3-psycopg2"] });
  expect(await level(step, world)).toBe("ok");
  if ("never" in step.undo) throw new Error("unpacked packages are taken back");
  expect(step.undo.keeps?.(receipt)).toMatch(/^supervisor, python3-bcrypt, python3-psycopg2 stay installed/);
});

test("Who is not root has them unpacked: shown as that, done again as a whole, and taken back", async () => {
  const it = ground("unpack");
  const step = installSystemPackages(answers(true));
  const changes = await step.describe(it.world);
  expect(changes[0]).toMatchObject({ what: "folder", target: it.unpacked });
  expect(changes.slice(1).map(({ target }) => target)).toEqual([
    "supervisor",
    "python3-bcrypt",
    "python3-psycopg2",
    "patchelf",
  ]);
  for (const { detail } of changes.slice(1)) expect(detail).toMatch(/^unpacked/);
  expect(await level(step, it.world)).toBe("fail");
  const receipt = await step.run(it.world, heardJob().job as never);
  expect(await level(step, it.world)).toBe("ok");
  expect(await step.describe(it.world)).toEqual([]);
  // A commit that imports more: what was unpacked is unpacked again with it, for the folder is one.
  it.import("psutil");
  expect(await level(step, it.world)).toBe("fail");
  const more = await step.run(it.world, heardJob().job as never);
  expect(more.unpacked?.packages).toEqual([
    "supervisor",
    "python3-bcrypt",
    "python3-psycopg2",
    "python3-psutil",
    "libpq5",
  ]);
  expect(await level(step, it.world)).toBe("ok");
  if ("never" in step.undo) throw new Error("unpacked packages are taken back");
  expect(step.undo.keeps?.(receipt)).toBeUndefined();
  await step.undo.takeBack(it.world, receipt, heardJob().job as never);
  expect(readdirSync(folder)).toEqual([]);
  expect(await level(step, it.world)).toBe("fail");
});

test("Without consent nothing is brought, in either way", async () => {
  for (const way of ["install", "unpack"] as const) {
    const { world } = ground(way);
    const refused = installSystemPackages(answers(false)).run(world, heardJob().job as never);
    await expect(refused).rejects.toMatchObject({ code: "machine.packages-need-consent" });
    expect(readdirSync(folder)).toEqual([]);
  }
});
