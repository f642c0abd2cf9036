import { generateKeyPairSync, randomUUID } from "node:crypto";
import { join } from "node:path";
import { credentialFiles } from "../../../checkout/credentials.ts";
import { hookRecord, shownAccountMode } from "../../../checkout/hook/hook-files.ts";
import type { RunState } from "../../../engine/state.ts";
import { fingerprint } from "../../../health/probes/checkout/profile-credentials.ts";
import { programsWithKey } from "../../../health/probes/kalshi/key-programs.ts";
import type { KalshiStandIn } from "../../../rehearsal/kalshi/stand-in.ts";
import type { DescribedPlan } from "../../../runtime.ts";
import { askServer } from "../../../server/control/control-client.ts";
import type { KalshiEnvironment } from "../../../settings.ts";
import type { DrillGround } from "../drills.ts";
import type { DrillResult } from "../report.ts";
import { kalshiIsWatched } from "./key-watch.ts";

/** What the drill of another key needs besides: both environments, and the key that was installed. */
export interface KeyDrillGround extends DrillGround {
  exchange: Readonly<Record<KalshiEnvironment, KalshiStandIn>>;
  installed: { keyId: string; publicKeyPem: string };
}

export interface Pair {
  keyId: string;
  pem: string;
  publicKeyPem: string;
}

function freshPair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    keyId: randomUUID(),
    // As Kalshi's page would not give it: what reaches the disk is to be the canonical form all the same.
    pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

const everyMs = 250;

/** What stands on disk of an environment's key, by fingerprints and never by its text. */
async function onDisk({ world }: KeyDrillGround, environment: KalshiEnvironment) {
  const folder = world.checkout.credentials(environment);
  const texts = await Promise.all(credentialFiles.map((name) => world.machine.files.read(join(folder, name))));
  const modes = await Promise.all(
    credentialFiles.map(async (name) => ((await world.machine.files.facts(join(folder, name)))?.mode ?? 0) & 0o777),
  );
  const [pem = "", settings = "", shown = ""] = texts;
  return {
    pem: fingerprint(pem),
    id: /KALSHI_API_KEY_ID=(.*)/.exec(settings)?.[1],
    shownId: /key:(.*)/.exec(shown)?.[1],
    modes,
  };
}

/** Everything that a change of the key may touch, and what it may not. */
async function standing(ground: KeyDrillGround, environment: KalshiEnvironment) {
  const { world } = ground;
  const states = await world.supervisor.programs();
  return {
    files: await onDisk(ground, environment),
    mode: await shownAccountMode(world.machine, world.paths),
    recorded: (await hookRecord(world.machine, world.paths))?.accountMode,
    pids: new Map(states.map(({ name, pid }) => [name, pid])),
    trading: await ground.trading("status"),
    secrets: await world.machine.files.list(world.paths.secrets),
  };
}

export async function ended(ground: KeyDrillGround, runId: string): Promise<RunState> {
  for (;;) {
    const run = await askServer(ground.world.paths.controlSocket, "run-state", { runId });
    if (run && run.status !== "running") return run;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Why a run did not come to its end, in its own words. */
export function trouble(run: RunState): string[] {
  if (run.status === "done") return [];
  return [
    `the run is ${run.status}: ${run.entries
      .filter(({ status }) => status === "failed" || status === "blocked")
      .map((entry) => `${entry.id}: ${entry.problem?.says ?? entry.says ?? ""}`)
      .join("; ")}`,
  ];
}

export async function proposed(
  ground: KeyDrillGround,
  environment: KalshiEnvironment,
  pair: Pair,
): Promise<DescribedPlan> {
  const { controlSocket } = ground.world.paths;
  const kalshi = { kind: "key" as const, environment, keyId: pair.keyId };
  await askServer(controlSocket, "propose-key", { kalshi, privateKey: pair.pem });
  const plan = await askServer(controlSocket, "describe-key-change", {});
  if (!plan) throw new Error("the server is gone");
  return plan;
}

/** What is not as it must be after the key of an environment took the place of another. */
async function faultsAfter(
  ground: KeyDrillGround,
  before: Awaited<ReturnType<typeof standing>>,
  environment: KalshiEnvironment,
  keyId: string,
): Promise<string[]> {
  const after = await standing(ground, environment);
  const holders = await programsWithKey(ground.world);
  const faults: string[] = [];
  if (after.files.id !== keyId || after.files.shownId !== keyId) faults.push("the files hold another id");
  if (before.files.id !== keyId && after.files.pem === before.files.pem)
    faults.push("the private key is the one before");
  if (after.files.modes.some((mode) => mode !== 0o600)) faults.push(`modes ${after.files.modes.join()}`);
  if (after.mode !== environment || after.recorded !== environment)
    faults.push(`REC.IO is shown ${after.mode}, recorded is ${after.recorded}`);
  for (const [name, pid] of after.pids) {
    const restarted = pid !== before.pids.get(name);
    if (restarted !== (holders.includes(name) || name === "system_monitor"))
      faults.push(`${name} was ${restarted ? "" : "not "}started anew`);
  }
  for (const flag of ["mode", "intact", "autoEntry", "momentumSpike", "autoStop"] as const)
    if (after.trading[flag] !== before.trading[flag]) faults.push(`${flag} is ${after.trading[flag]}`);
  if (after.secrets.some((name) => name.includes("previous")))
    faults.push("the pair that was put aside is still there");
  return faults;
}

/** Milliseconds until the page answers 200 and says of the key what it should, or undefined. */
export async function greenAfter(ground: KeyDrillGround): Promise<number | undefined> {
  const started = performance.now();
  while (performance.now() - started < 60_000) {
    const { status, report } = await ground.health();
    const key = report.probes.find(({ id }) => id === "kalshi-key-accepted");
    if (status === 200 && key?.level === "ok") return Math.round(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return undefined;
}

/** Programs of REC.IO that asked this environment with a key that it knows, since a moment. */
function askedSince({ exchange }: KeyDrillGround, environment: KalshiEnvironment, since: number): number {
  return exchange[environment].requests
    .all()
    .filter(
      ({ at, from, key, standIn }) =>
        at >= since && from === "others" && key === "known" && standIn.endsWith(environment),
    ).length;
}

/** When the first program that holds the key was started: all were stopped by then. Milliseconds since the epoch. */
async function heldSince({ world }: KeyDrillGround): Promise<number> {
  const holders = await programsWithKey(world);
  const states = await world.supervisor.programs();
  return Math.min(...states.filter(({ name }) => holders.includes(name)).map(({ startedAt = 0 }) => startedAt));
}

async function changed(
  ground: KeyDrillGround,
  name: string,
  environment: KalshiEnvironment,
  keyId: string,
  begin: () => Promise<string>,
): Promise<{ runId: string; drill: DrillResult }> {
  ground.say(`drill: ${name}`);
  const before = await standing(ground, environment);
  const started = performance.now();
  const runId = await begin();
  const run = await ended(ground, runId);
  const took = Math.round(performance.now() - started);
  const since = await heldSince(ground);
  const faults = [...trouble(run), ...(await faultsAfter(ground, before, environment, keyId))];
  const green = await greenAfter(ground);
  if (green === undefined)
    faults.push(`the page says ${JSON.stringify((await ground.health()).report.reasons.installed).slice(0, 400)}`);
  const deadline = Date.now() + 45_000;
  while (askedSince(ground, environment, since) === 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  const asked = askedSince(ground, environment, since);
  if (asked === 0) faults.push("no program of REC.IO asked with the new key");
  const drill = {
    name,
    held: faults.length === 0,
    says: `${faults.join("; ") || "Files, mode, programs and flags are as they must be"}. The run took ${took} ms, green ${green ?? "never"} ms later; REC.IO itself asked ${asked} times with that key.`,
    ...(green === undefined ? {} : { mendedAfterMs: green }),
  };
  return { runId, drill };
}

/** A key that Kalshi does not know any more does not come back, and nothing is changed. */
async function proposedBefore(ground: KeyDrillGround, runId: string): Promise<DrillResult> {
  const { controlSocket } = ground.world.paths;
  await askServer(controlSocket, "propose-key-before", { runId });
  const plan = await askServer(controlSocket, "describe-key-change", {});
  const says = (plan?.blockers ?? []).map((blocker) => blocker.says).join(" ");
  return { name: "a revoked key is not put back", held: /know/.test(says), says };
}

/**
 * Another key, the other environment, and both taken back: on an installation that goes on meanwhile. Then what Kalshi
 * does to a key.
 */
export async function keyIsReplaced(ground: KeyDrillGround): Promise<DrillResult[]> {
  const { exchange, installed } = ground;
  const { controlSocket } = ground.world.paths;
  const [second, real, stranger] = [freshPair(), freshPair(), freshPair()];
  const results: DrillResult[] = [];

  const before = await standing(ground, "demo");
  const refused = await proposed(ground, "demo", stranger);
  const untouched = await standing(ground, "demo");
  results.push({
    name: "a key that Kalshi does not know is no other key",
    held: refused.blockers.length > 0 && JSON.stringify(untouched.files) === JSON.stringify(before.files),
    says: refused.blockers.map(({ says }) => says).join(" "),
  });

  const change = (environment: KalshiEnvironment, pair: Pair) => async () =>
    carriedOut(await proposed(ground, environment, pair));
  const back = (runId: string) => async () => {
    await askServer(controlSocket, "propose-key-before", { runId });
    return carriedOut(await askServer(controlSocket, "describe-key-change", {}));
  };
  const carriedOut = async (plan: DescribedPlan | undefined) => {
    if (!plan) throw new Error("the server is gone");
    if (plan.blockers.length > 0) throw new Error(JSON.stringify(plan.blockers));
    ground.say(
      `  shown: ${plan.entries.flatMap(({ id, changes }) => (changes.length > 0 ? [`${id} (${changes.length})`] : [])).join(", ")}`,
    );
    const begun = await askServer(controlSocket, "change-key", { consentHash: plan.hash });
    return begun?.runId ?? "";
  };
  exchange.demo.register(second);
  const first = await changed(ground, "another demo key", "demo", second.keyId, async () => {
    // Whoever still asks with the key before is refused from now on.
    exchange.demo.revoke(installed.keyId);
    return change("demo", second)();
  });
  exchange.prod.register(real);
  const over = await changed(ground, "over to production", "prod", real.keyId, change("prod", real));
  const again = await changed(ground, "back to demo, taken back", "demo", second.keyId, back(over.runId));
  const gone = await proposedBefore(ground, first.runId);
  exchange.demo.register(installed);
  const firstKey = await changed(ground, "the first key, taken back", "demo", installed.keyId, back(first.runId));
  return [
    ...results,
    first.drill,
    over.drill,
    again.drill,
    gone,
    firstKey.drill,
    ...(await kalshiIsWatched(ground, installed.keyId, installed.publicKeyPem)),
  ];
}
