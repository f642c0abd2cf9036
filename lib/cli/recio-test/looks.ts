import { liveData } from "../../health/live-data/live-data.ts";
import type { Machine } from "../../machine/machine.ts";
import { statePaths } from "../../paths.ts";
import { programsUserName } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import type { RecioTestReport } from "./report.ts";

/** What REC.IO stored of the exchange's markets and of the account, as its own tables say now. */
export async function marketsSeen(world: Pick<World, "postgres">): Promise<RecioTestReport["markets"]> {
  const { markets, strikeTable, account } = await liveData(world);
  const stored = "facts" in markets ? markets.facts : undefined;
  const strikes = "facts" in strikeTable ? strikeTable.facts : undefined;
  return {
    rows: stored?.rows ?? 0,
    priced: stored?.priced ?? 0,
    strikes: strikes?.rows ?? 0,
    probabilities: strikes?.distinctProbabilities ?? 0,
    balanceCents: "facts" in account ? account.facts.balance : null,
  };
}

/** The stand-in's price moves: while its momentum is beyond what the checkout knows, every strike shows a default. */
const momentumMs = 240_000;

/** The same as {@link marketsSeen}, once the strikes have probabilities of their own, or after patience. */
export async function onceComputed(world: Pick<World, "postgres">): Promise<RecioTestReport["markets"]> {
  const deadline = Date.now() + momentumMs;
  for (;;) {
    const seen = await marketsSeen(world);
    if (seen.probabilities > 2 || Date.now() > deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** What the uninstall left of ours inside the namespaces, where nothing but ours and this process runs. */
export async function leftovers(
  machine: Machine,
  state: string,
  ownPort: number,
): Promise<Omit<RecioTestReport["left"], "checkoutChanges">> {
  const processes = (await machine.processes()).filter(
    ({ pid, command }) =>
      pid !== process.pid && pid !== 1 && /postgres|supervisord|python|server\.cjs|keeper\.sh/.test(command),
  );
  const listeners = (await machine.listeners()).filter(
    ({ port: taken }) => taken !== 443 && (taken === ownPort || taken < 32_768),
  );
  const users = ["/etc/passwd", "/etc/group"].map(async (file) =>
    ((await machine.files.read(file)) ?? "").includes(`${programsUserName(statePaths(state))}:`) ? [file] : [],
  );
  const there = (await machine.files.facts(state)) ? await machine.files.list(state) : [];
  return {
    processes: processes.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`),
    listeners: listeners.map(({ port: taken, address, program }) => `${address}:${taken} ${program ?? ""}`),
    files: [...there, ...(await Promise.all(users)).flat()],
  };
}

/** Every port that the installation listens on: the programs', the database's where it is ours, and the page's. */
export async function ownPorts(world: World, page: number): Promise<number[]> {
  const programs = await world.checkout.supervised();
  return [
    ...programs.flatMap(({ port: own }) => (own === undefined ? [] : [own])),
    ...(world.postgres.target.kind === "embedded" ? [world.postgres.target.port] : []),
    page,
  ];
}

/** Tells the stand-ins of the outside what goes wrong from now on. */
export async function tell(control: string, path: string, body: object): Promise<void> {
  const answer = await fetch(`${control}${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`the stand-ins refuse ${path}: ${await answer.text()}`);
}

/** Programs that the checkout names and does not have, as the plan's gate says it. */
export async function missingPrograms(world: World): Promise<string[]> {
  const { programs } = await world.checkout.inspect();
  return programs.filter((program) => !program.exists).map((program) => program.name);
}
