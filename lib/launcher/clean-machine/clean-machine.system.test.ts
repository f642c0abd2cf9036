import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { expect, test } from "playwright/test";
import { projectRoot } from "../../paths.ts";

const { faultsOf } = createRequire(import.meta.url)("./run.cjs") as { faultsOf(seen: object): string[] };

const good = {
  user: "ordinary",
  setup: 0,
  doctor: 0,
  installed: true,
  health: 200,
  uninstall: 0,
  system: "unchanged",
  left: { processes: [], files: [], state: false },
};

test("What a clean machine must show is judged one by one", () => {
  expect(faultsOf(good)).toEqual([]);
  for (const wrong of [
    { setup: 1 },
    { installed: false },
    { health: 503 },
    { uninstall: 1 },
    { system: "has new packages" },
    { left: { ...good.left, processes: ["postgres"] } },
    { left: { ...good.left, files: ["/tmp/x"] } },
    { left: { ...good.left, state: true } },
  ])
    expect(faultsOf({ ...good, ...wrong }), JSON.stringify(wrong)).toHaveLength(1);
  // Root's packages stay, and with them what they keep below /var/lib.
  const asRoot = { user: "root", system: "has new packages", left: { ...good.left, files: ["/var/lib/python/x"] } };
  expect(faultsOf({ ...good, ...asRoot })).toEqual([]);
});

test("A clean Debian rehearses as an ordinary user and as root, and keeps nothing", () => {
  test.skip(process.env.CLEAN_MACHINE !== "1", "it takes minutes and runs by npm run test:clean-machine");
  test.setTimeout(1_200_000);
  const said = execFileSync(process.execPath, ["setup.cjs", "test:clean-machine"], {
    cwd: projectRoot(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(JSON.parse(said)).toMatchObject({ ok: true });
});
