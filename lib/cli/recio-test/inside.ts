import { basename, dirname, join } from "node:path";
import type { HealthReport } from "../../health/report.ts";
import { type AnswersFile, answersFile } from "../../install/answers.ts";
import { worldFor } from "../../install/real-world.ts";
import type { UpdateRehearsal } from "../../install/update/rehearse-update.ts";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { statePaths } from "../../paths.ts";
import { startOutside } from "../../rehearsal/outside.ts";
import type { DescribedPlan, TradingState } from "../../runtime.ts";
import { askServer } from "../../server/control/control-client.ts";
import { readSettings } from "../../settings.ts";
import { benchRest } from "../bench/rest.ts";
import { runBadInput } from "./bad-input.ts";
import { generateInCopy, runCatalogue } from "./catalogue.ts";
import { type DoorAnswer, installThroughCrashes, powerCut } from "./crashes.ts";
import { runDrills, tried } from "./drills.ts";
import { startForeignSupervisord } from "./foreign-supervisord.ts";
import { keyIsReplaced } from "./kalshi/key-change.ts";
import { keyIsChecked } from "./kalshi/key-check.ts";
import { keyIsGivenLater } from "./kalshi/keyless.ts";
import { leftovers, marketsSeen, missingPrograms, onceComputed, ownPorts, tell } from "./looks.ts";
import { moveInto, packUp } from "./moving.ts";
import { leadNamesHome, ownUserLists, prepareNamespace, trustedFile } from "./namespace.ts";
import { type Caller, give, moveIn, programsRunAsTheirOwnUser, rootCaller, runsAsCaller } from "./ordinary-user.ts";
import { unreachableFromOutside } from "./other-address.ts";
import { type InsideOrder, treeStatus } from "./outside-in.ts";
import { gateFirst, uninstallWithoutPassword } from "./refusals.ts";
import { differences, findingsOf, programsOf, proofsOf, type RecioTestReport } from "./report.ts";
import { type ServerTarget, startServerTarget } from "./server-target.ts";
import { copySeen, type SourceStandIn, startSourceStandIn } from "./source-stand-in.ts";
import { speedLines, speedOf } from "./speed.ts";
import { updateThereAndBack } from "./updates.ts";

const port = 5173;

/** One door of the product, as a person would call it in a terminal; its JSON answer and its exit code. */
type Door = (name: string, args: readonly string[]) => Promise<Required<DoorAnswer>>;

/** Calls doors of the product. One that is killed says nothing; every other one must print its JSON. */
function doors(machine: Machine, caller: Caller, say: (line: string) => void) {
  return async (name: string, args: readonly string[]): Promise<DoorAnswer> => {
    const { code, signal, stdout, stderr } = await machine.exec(
      process.execPath,
      [join(caller.project, "setup.cjs"), name, ...args, ...caller.stateOption, "--json"],
      {
        cwd: caller.project,
        env: { ...caller.environment, NODE_EXTRA_CA_CERTS: trustedFile },
        ...(caller.as ? { as: caller.as } : {}),
        timeoutMs: 10 * 60_000,
        onLine: (line, from) => from === "stderr" && say(`  ${name}: ${line}`),
      },
    );
    if (signal !== null) return { exit: code };
    try {
      return { exit: code, json: JSON.parse(stdout) as Record<string, unknown> };
    } catch {
      throw new Error(`${name} printed no single JSON object: ${stdout.slice(0, 500)} ${stderr.slice(-1500)}`);
    }
  };
}

/** A door that nobody kills. */
function answering(call: ReturnType<typeof doors>): Door {
  return async (name, args) => {
    const { exit, json } = await call(name, args);
    if (!json) throw new Error(`${name} was killed`);
    return { exit, json };
  };
}

/** The answers file of the run, as a person would write it. */
function answersOf(
  order: InsideOrder,
  goOnWithout: readonly string[],
  secrets: AnswersFile["secrets"],
  server: ServerTarget | undefined,
  source: SourceStandIn | undefined,
) {
  return {
    version: 1,
    checkout: { kind: "path", path: order.checkout },
    person: { userId: "trader_0001", fullName: "Test Trader", email: "trader@example.org" },
    kalshi: order.keyless
      ? { kind: "none", environment: "demo" }
      : { kind: "key", environment: "demo", keyId: order.keyId, email: "trader@example.org" },
    database: server?.answer ?? { kind: "embedded", port: 15_432 },
    data: source?.answer ?? { kind: "archive" },
    python: { packages: "system" },
    consent: { systemPackages: false, goOnWithout: [...goOnWithout], translateKalshi: order.translate },
    secrets,
  };
}

/** Everything that happens inside the namespaces. Writes the report to the order's result file. */
export async function installInside(orderFile: string, say: (line: string) => void): Promise<void> {
  const machine = localMachine({ stateFolder: dirname(orderFile) });
  const { files } = machine;
  const order = JSON.parse((await files.read(orderFile)) ?? "{}") as InsideOrder;
  await prepareNamespace(machine);
  await ownUserLists(machine, order.folder);
  const ownKey = { keyId: order.keyId, publicKeyPem: (await files.read(order.publicKeyFile)) ?? "" };
  const outside = await startOutside({
    files,
    folder: join(order.folder, "outside"),
    dialect: order.dialect,
    keys: { demo: [ownKey] },
  });
  await leadNamesHome(machine, order.folder, outside.hostsLines, outside.authorityFile);
  const caller = order.user ? await moveIn(machine, order.folder) : rootCaller(order.folder);
  say(`outside world: dialect ${order.dialect}`);

  const server =
    order.database === "embedded" ? undefined : await startServerTarget(machine, order.folder, order.database);
  const serverBefore = await server?.inventory();
  const source = order.source ? await startSourceStandIn(machine, order.folder) : undefined;
  const anyDoor = doors(machine, caller, say);
  const door = answering(anyDoor);
  const { state } = caller;
  const copied = async (file: string) => give(machine, caller, basename(file), (await files.read(file)) ?? "");
  const kalshiPrivateKeyFile = await copied(order.privateKeyFile);
  const secrets = {
    ...(order.keyless ? {} : { kalshiPrivateKeyFile }),
    loginPasswordFile: await copied(order.loginPasswordFile),
    ...(server ? { databaseAdminPasswordFile: await copied(server.adminPasswordFile) } : {}),
    ...(source ? { sourcePasswordFile: await copied(source.passwordFile) } : {}),
  };
  const parsed = answersFile.parse(answersOf(order, [], secrets, server, source));
  const settings = readSettings({ ...caller.environment, REC_SETUP_STATE: state });
  const world = worldFor({ kind: "real", settings, paths: statePaths(state), machine, answers: parsed, held: {} });

  const foreign = order.drills || order.badInput ? await startForeignSupervisord(world, order.folder) : undefined;
  const missing = await missingPrograms(world);
  const before = await treeStatus(machine, order.checkout);
  const write = (without: readonly string[]) =>
    give(machine, caller, "answers.json", JSON.stringify(answersOf(order, without, secrets, server, source)));
  const answersPath = await write([]);
  const gate =
    missing.length > 0
      ? await gateFirst(door, answersPath, machine, { checkout: order.checkout, port }, before)
      : undefined;
  await write(missing);

  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`);
    return { status: response.status, report: (await response.json()) as HealthReport };
  };
  const install = () => anyDoor("setup", ["--answers", answersPath, "--no-open", `--port=${port}`]);
  const ground = { world, machine, paths: statePaths(state), setup: install, door: anyDoor, health: ask, say };

  const started = performance.now();
  const { setup, results: crashes } = order.crash
    ? await installThroughCrashes(ground)
    : { setup: await install(), results: [] };
  const installSeconds = Math.round((performance.now() - started) / 100) / 10;
  say(`setup ended with ${setup.exit} after ${installSeconds} s`);
  const doctor = await door("doctor", []);
  const health = doctor.json as unknown as HealthReport;
  if (!health.probes) say(JSON.stringify(doctor.json).slice(0, 2000));

  const agreed = { ...parsed, consent: { ...parsed.consent, goOnWithout: missing } };
  const speed = health.installed && !order.crash ? await speedOf(world, agreed) : undefined;
  for (const line of speed ? speedLines(speed) : []) say(line);

  const repair = async (stepId: string) => {
    const plan = (await askServer(statePaths(state).controlSocket, "describe-repair", { stepId })) as DescribedPlan;
    const { runId } = (await askServer(statePaths(state).controlSocket, "repair", {
      stepId,
      consentHash: plan.hash,
    })) as { runId: string };
    for (;;) {
      const run = (await askServer(statePaths(state).controlSocket, "run-state", { runId })) as { status: string };
      if (run.status !== "running") return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const orders = async () => outside.requests.notGet().filter(({ path }) => path.includes("/orders")).length;
  const trading = async (what: "lock" | "release" | "status") => {
    const { json } = await door("trading", [what, ...(what === "release" ? ["--mode=all", "--confirm=release"] : [])]);
    return json as unknown as TradingState;
  };
  const rehearseUpdate = async (commit: string) =>
    (await door("recio", ["rehearse-update", commit])).json as unknown as UpdateRehearsal;
  const drilled = { world, health: ask, repair, orders, trading, rehearseUpdate, say };
  const drills = [
    ...crashes,
    await keyIsChecked(door, order.keyId, kalshiPrivateKeyFile, order.checkout),
    ...(order.user && health.installed ? [await runsAsCaller(machine, caller)] : []),
    ...(!order.user && health.installed ? [await programsRunAsTheirOwnUser(world, machine)] : []),
    ...(order.drills && health.installed
      ? [await unreachableFromOutside(machine, join(order.folder, "neighbour.log"), await ownPorts(world, port))]
      : []),
    ...((order.crash || order.drills) && health.installed ? [await powerCut(ground)] : []),
    ...(order.drills && health.installed ? await runDrills(drilled) : []),
    ...(order.update && health.installed
      ? [await tried(drilled, "update", () => updateThereAndBack({ ...drilled, door }))]
      : []),
    ...(order.keyless && health.installed
      ? await keyIsGivenLater(
          { ...drilled, exchange: outside.kalshi, installed: ownKey },
          { ...ownKey, pem: (await files.read(order.privateKeyFile)) ?? "" },
          (name, drill) => tried(drilled, name, drill),
        )
      : []),
    ...(order.kalshi && health.installed
      ? await keyIsReplaced({ ...drilled, exchange: outside.kalshi, installed: ownKey })
      : []),
    ...(order.badInput && health.installed ? await runBadInput(drilled) : []),
  ];

  const catalogue =
    order.catalogue && health.installed
      ? await runCatalogue({
          world,
          health: ask,
          repair,
          say,
          control: (path, body) => tell(outside.control, path, body),
          async speak(dialect) {
            for (const exchange of Object.values(outside.kalshi)) exchange.speak(dialect);
          },
          generate: () => generateInCopy(machine, order.checkout, order.folder),
        })
      : undefined;

  if (order.hold) {
    say(`held: http://localhost:${port}/ in the namespaces of process ${process.pid}; end it with Ctrl-C`);
    await new Promise((resolve) => process.once("SIGTERM", resolve).once("SIGINT", resolve));
  }

  const markets = source && health.installed ? await onceComputed(world) : await marketsSeen(world);
  const fromSource = source && health.installed ? await copySeen(world) : undefined;
  const rest = order.rest > 0 && health.installed ? await benchRest(state, order.rest, say) : undefined;
  const status = await treeStatus(machine, order.checkout);
  const gitStatusClean = status.every((line) => line.startsWith("!!") || before.includes(line));
  const packed = order.move && health.installed ? await packUp(door, world, order.folder) : undefined;
  if (packed) drills.push(packed.drill);
  // With drills the uninstall finds the database off, as after a power cut: it has to wake it to take back what is in it.
  if ((drills.length > 0 || catalogue) && world.postgres.target.kind === "embedded")
    await world.postgres.embedded.stop();
  await world.postgres.close();
  if (server && health.installed) drills.push(await uninstallWithoutPassword(door, ask));
  const uninstall = await door("uninstall", [
    "--yes",
    ...(server ? [`--admin-password-file=${secrets.databaseAdminPasswordFile}`] : []),
  ]);
  say(`uninstall ended with ${uninstall.exit}: ${JSON.stringify(uninstall.json).slice(0, 600)}`);
  if (foreign) drills.push(await foreign.untouched());
  if (packed) {
    const other = `${state}-moved`;
    const there = answering(doors(machine, { ...caller, state: other, stateOption: [`--state=${other}`] }, say));
    const ground = { machine, state: other, checkout: order.checkout, port, environment: caller.environment };
    drills.push(...(await moveInto(there, packed, ground)));
  }
  const serverChanges = serverBefore && differences(serverBefore, (await server?.inventory()) ?? []);
  await Promise.all([server?.stop(), source?.stop()]);
  const seen = outside.requests.all();
  const report: RecioTestReport = {
    checkout: order.checkout,
    commit: (await world.checkout.inspect()).commit ?? "",
    dialect: order.dialect,
    markets,
    ...(fromSource ? { copied: fromSource } : {}),
    ...(gate ? { gate } : {}),
    installed: health.installed === true,
    tradable: health.tradable === true,
    tradableReasons: health.reasons?.tradable ?? [],
    installSeconds,
    programs: health.probes ? programsOf(health) : {},
    proofs: health.probes ? proofsOf(health) : { ms: 0, each: [] },
    findings: health.probes ? findingsOf(health) : [],
    drills,
    ...(catalogue ? { catalogue } : {}),
    ...(rest ? { rest } : {}),
    ...(speed ? { speed } : {}),
    exchange: {
      requests: seen.length,
      notGet: outside.requests.notGet().length,
      orders: await orders(),
      hosts: Object.fromEntries(
        [...new Set(seen.map(({ host }) => host))].map((host) => [
          host,
          seen.filter((one) => one.host === host).length,
        ]),
      ),
    },
    left: {
      ...(await leftovers(machine, state, port)),
      checkoutChanges: [],
      ...(serverChanges ? { serverChanges } : {}),
    },
    gitStatusClean,
  };
  await outside.stop();
  await files.write(order.resultFile, JSON.stringify(report), 0o600);
}
