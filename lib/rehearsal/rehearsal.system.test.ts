import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import type { HealthReport } from "../health/report.ts";
import { localMachine } from "../machine/local-machine.ts";
import { projectRoot } from "../paths.ts";
import { allBreaks } from "./breaks/all-breaks.ts";
import type { Break } from "./breaks/break.ts";
import type { BreakState } from "./breaks/panel.ts";
import { type Calm, watchCalm } from "./test-calm.ts";
import { living } from "./test-kills.ts";
import { type TestRehearsal, testRehearsal } from "./test-rehearsal.ts";
import { isInstalled, putRight, secondsOf, switchState, until } from "./test-switches.ts";
import { takeTurn } from "./test-turn.ts";

// One rehearsal for the file: it is installed, broken in every way, and left.
test.describe.configure({ mode: "serial" });

// What was promised for two cores that do nothing else. Where others use the machine meanwhile, that is measured, and
// the promise is for so many times as long; the table says how many.
const installWithinMs = 90_000;
const greenWithinMs = 20_000;
/** Until a switch is given up: what is late is still to be seen and told. */
const patienceMs = 90_000;

let rehearsal: TestRehearsal;
let next: () => Promise<void>;
/** The table: a row for the installation and one for each switch. */
const lines: string[] = [];
const shows = (description: string) => test.info().annotations.push({ type: "shows", description });
const late = new Map<string, string>();
const tried = new Set<string>();

const inWords = ({ others, wait, times }: Calm) =>
  times === 1 ? "calm" : `×${times.toFixed(1)} (others ${Math.round(others * 100)} %, wait ${wait.toFixed(1)})`;

test.beforeAll(async () => {
  // Another test may run these programs now, and then has the machine for itself.
  test.setTimeout(600_000);
  next = await takeTurn();
  rehearsal = await testRehearsal();
});
test.afterAll(async () => {
  test.setTimeout(120_000);
  await rehearsal.end();
  await next();
});

test("the sample answers install a rehearsal, and the page and the doctor say so", async () => {
  test.setTimeout(600_000);
  const answers = join(projectRoot(), "e2e/answers/rehearsal.json");
  // Whatever has to be built first is not part of the figure.
  await rehearsal.door("start", "--help");
  const calm = watchCalm(rehearsal.paths.state);
  const begun = performance.now();
  const setup = await rehearsal.door("setup", "--answers", answers, "--no-open", `--port=${rehearsal.port}`);
  const tookMs = performance.now() - begun;
  const measured = calm();
  const took = `installed in ${secondsOf(tookMs)} of 90 s, ${inWords(measured)}`;
  lines.push(`${tookMs <= installWithinMs ? " " : "!"}  ${took}`);
  expect(setup, JSON.stringify(setup.json)).toMatchObject({ exit: 0, json: { installed: true, tradable: true } });
  expect(tookMs, took).toBeLessThan(measured.times * installWithinMs);
  const doctor = await rehearsal.door("doctor");
  expect(doctor).toMatchObject({ exit: 0, json: { installed: true, rehearsal: true } });
  // Beside others some finding may be a little older than it may be for a moment.
  expect(await isInstalled(rehearsal, patienceMs)).toBe(true);
  await expect(async () => {
    const page = await fetch(`http://127.0.0.1:${rehearsal.port}/api/health`);
    expect(page.status).toBe(200);
    expect((await page.json()) as HealthReport).toMatchObject({ installed: true, rehearsal: true });
  }).toPass({ timeout: patienceMs });
});

/** A process that ended meanwhile needs no signal. */
function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** Breaks one thing, waits until it is known, has it mended, and waits until all is good; true where that was in time. */
async function oneTurn(one: Break): Promise<boolean> {
  const why = async () => JSON.stringify((await rehearsal.ask("health", {})).reasons);
  expect(await isInstalled(rehearsal, patienceMs), `everything is good before: ${await why()}`).toBe(true);
  const calm = watchCalm(rehearsal.paths.state);
  await rehearsal.ask("break", { name: one.name, action: "throw" });
  let claims: BreakState["claims"] = [];
  const known = await until(patienceMs, async () => {
    const state = await switchState(rehearsal, one.name);
    if (state.claims.length > 0) claims = state.claims;
    return state.found;
  });
  await putRight(rehearsal, one);
  const green = await until(patienceMs, async () => (await switchState(rehearsal, one.name)).greenAfterMs);
  const measured = calm();
  const isInTime =
    (known?.afterMs ?? Number.POSITIVE_INFINITY) <= measured.times * one.withinMs &&
    (green ?? Number.POSITIVE_INFINITY) <= measured.times * greenWithinMs;
  const words = [
    isInTime ? " " : "!",
    one.name.padEnd(20),
    secondsOf(known?.afterMs).padStart(7),
    `of ${one.withinMs / 1000} s`.padStart(7),
    secondsOf(green).padStart(8),
    inWords(measured).padEnd(28),
    (known?.probe ?? "").padEnd(22),
    known?.says ?? "",
  ];
  lines.push(words.join("  "));
  if (!isInTime) late.set(one.name, words.join("  "));
  expect(known, await why()).toBeDefined();
  // The lie itself: what REC.IO says looks good; a false alarm is the other way round.
  expect(
    claims.some(({ good }) => good === (one.expects.level !== "ok")),
    JSON.stringify(claims),
  ).toBe(true);
  expect(green, `${await why()} ${JSON.stringify(await switchState(rehearsal, one.name))}`).toBeDefined();
  return isInTime;
}

for (const one of allBreaks) {
  test(`"${one.title}" is known with its cause, and mended`, async () => {
    test.setTimeout(480_000);
    tried.add(one.name);
    // Once is chance on a machine that others use too: what is late twice is slow.
    if (!(await oneTurn(one)) && (await oneTurn(one))) late.delete(one.name);
  });
}

test("what was promised is kept: red in 15 s, programs and database in 5 s, and green again in 20 s", () => {
  for (const line of lines) shows(line);
  expect(tried.size).toBe(allBreaks.length);
  expect([...late.values()]).toEqual([]);
});

test("whichever of the twelve programs is halted, it is named within 15 s, and is good again when it goes on", async () => {
  test.setTimeout(300_000);
  expect(await isInstalled(rehearsal, patienceMs)).toBe(true);
  const calm = watchCalm(rehearsal.paths.state);
  const halted = (await living(rehearsal)).filter(({ part }) => part === "program");
  for (const { pid } of halted) signal(pid, "SIGSTOP");
  const begun = performance.now();
  const named = await until(patienceMs, async () => {
    const row = (await rehearsal.ask("health", {})).probes.find(({ id }) => id === "programs-answer");
    return row?.level === "fail" && row.objects?.length === 12 ? row : undefined;
  });
  const tookMs = performance.now() - begun;
  for (const { pid } of halted) signal(pid, "SIGCONT");
  const measured = calm();
  shows(`   all twelve halted, and named in ${secondsOf(tookMs)} of 15 s, ${inWords(measured)}`);
  expect(named, JSON.stringify((await rehearsal.ask("health", {})).reasons)).toBeDefined();
  expect(tookMs).toBeLessThan(measured.times * 15_000);
  expect(await isInstalled(rehearsal, patienceMs), JSON.stringify((await rehearsal.ask("health", {})).reasons)).toBe(
    true,
  );
});

test("one encrypted file holds it, and takes the place of nothing that is installed", async () => {
  test.setTimeout(300_000);
  const folder = dirname(rehearsal.paths.state);
  const [file, passphrase, wrong] = [join(folder, "one.backup"), join(folder, "pass"), join(folder, "wrong")];
  writeFileSync(passphrase, "only for this test\n", { mode: 0o600 });
  writeFileSync(wrong, "not that one\n", { mode: 0o600 });
  const made = await rehearsal.door("backup", `--out=${file}`, `--passphrase-file=${passphrase}`);
  expect(made, JSON.stringify(made.json)).toMatchObject({
    exit: 0,
    json: { provenIn: "a scratch database", withKey: true },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await rehearsal.door("backup", `--out=${file}`, `--passphrase-file=${passphrase}`);
  expect(again).toMatchObject({ exit: 1, json: { problem: { code: "backup.file-exists" } } });
  const from = (given: string, ...more: string[]) =>
    rehearsal.door("setup", `--from-backup=${file}`, `--passphrase-file=${given}`, "--no-open", ...more);
  expect((await from(passphrase)).json).toMatchObject({ problem: { code: "backup.installation-here" } });
  const elsewhere = join(folder, "other");
  expect((await from(wrong, `--state=${elsewhere}`)).json).toMatchObject({
    problem: { code: "backup.passphrase-wrong" },
  });
  expect(existsSync(elsewhere)).toBe(false);
  for (const one of [file, passphrase, wrong]) rmSync(one);
});

test("stand-ins that were killed come back by themselves", async () => {
  const machine = localMachine({ stateFolder: rehearsal.paths.state });
  const standIns = async () =>
    (await machine.processes()).find(({ args }) =>
      args.includes(join(rehearsal.paths.state, "rehearsal/outside.json")),
    );
  const before = await standIns();
  if (!before) throw new Error("the stand-ins do not run");
  process.kill(before.pid, "SIGKILL");
  const after = await until(15_000, async () => {
    const found = await standIns();
    return found && found.pid !== before.pid ? found.pid : undefined;
  });
  expect(after).toBeDefined();
});

test("leaving it, even with the database switched off, leaves no process, no port and no file", async () => {
  test.setTimeout(120_000);
  await rehearsal.ask("break", { name: "database-off", action: "throw" });
  const record = JSON.parse(readFileSync(join(rehearsal.paths.state, "rehearsal/world.json"), "utf8"));
  const { programs, ...others } = record.ports as Record<string, number> & { programs: Record<string, number> };
  const ports = new Set([rehearsal.port, ...Object.values(programs), ...Object.values(others)]);
  const gone = await rehearsal.door("uninstall", "--yes");
  expect(gone).toMatchObject({ exit: 0, json: { left: [] } });
  const machine = localMachine({ stateFolder: rehearsal.paths.state });
  const folder = rehearsal.paths.state;
  expect((await machine.processes()).filter(({ command }) => command.includes(folder))).toEqual([]);
  expect((await machine.listeners()).filter(({ port }) => ports.has(port))).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  expect(readdirSync(join(folder, ".."))).toEqual([]);
});
