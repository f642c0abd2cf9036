import { join } from "node:path";
import { sinceStart } from "../../../health/probes/services/services-logs.ts";
import { isProblem } from "../../../problem.ts";
import { askServer } from "../../../server/control/control-client.ts";
import { monitorProgram } from "../../../supervisor/safe-order.ts";
import { type DrillResult, programsOf } from "../report.ts";
import { ended, greenAfter, type KeyDrillGround, type Pair, proposed, trouble } from "./key-change.ts";

const everyMs = 250;
/** REC.IO's monitor looks every 15 s, and 24 calls of supervisorctl make that longer on a busy machine. */
const monitorRoundsMs = 45_000;
const monitorActsMs = 120_000;
const needsKey = "kalshi_account_sync";
/** What install.sh of the checkout writes where it has no key. */
const placeholder = "-----BEGIN RSA PRIVATE KEY-----\nplaceholder\n-----END RSA PRIVATE KEY-----\n";

interface Flags {
  auto_entry: boolean | null;
  auto_stop: boolean | null;
}

/** Reads both switches again and again, beside whatever else happens, and keeps every look at which one was not off. */
function watchFlags({ world }: KeyDrillGround) {
  const seen = { looks: 0, notOff: [] as string[], missed: 0 };
  let over = false;
  const watching = (async () => {
    while (!over) {
      try {
        const [row] = await world.postgres.query<Flags>(
          "installer",
          "SELECT auto_entry, auto_stop FROM users.auto_trade_settings_0001 WHERE id = 1",
        );
        seen.looks += 1;
        if (row?.auto_entry !== false || row.auto_stop !== false) seen.notOff.push(JSON.stringify(row));
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        seen.missed += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async end() {
      over = true;
      await watching;
      return seen;
    },
  };
}

/** How often the monitor was held back so far, as the lock wrote it down. */
async function monitorTries({ world }: KeyDrillGround): Promise<number> {
  const [row] = await world.postgres.query<{ n: number }>(
    "installer",
    "SELECT coalesce(sum(times), 0)::int AS n FROM order_lock.attempt WHERE application = $1",
    [`rec:${monitorProgram}`],
  );
  return row?.n ?? 0;
}

async function untilSo(withinMs: number, look: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!(await look())) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return true;
}

const monitorWrote = async ({ world }: KeyDrillGround, words: string) =>
  sinceStart(await world.supervisor.tail(monitorProgram, "out", 600)).some((line) => line.includes(words));

/** Without a key: the one program that dies of it is left out, the others work, and the monitor looks at that for a while. */
async function livesWithout(ground: KeyDrillGround): Promise<DrillResult> {
  const name = "installed without a key";
  ground.say(`drill: ${name}`);
  const green = await untilSo(60_000, async () => (await ground.health()).status === 200);
  const suspended = await untilSo(monitorActsMs, () => monitorWrote(ground, "automated trading suspended"));
  await new Promise((resolve) => setTimeout(resolve, monitorRoundsMs));
  const { status, report } = await ground.health();
  const programs = await ground.world.supervisor.programs();
  const proven = Object.values(programsOf(report)).filter((one) => one.proven).length;
  const warned = report.probes.filter(({ level, says }) => level === "warn" && says.includes(needsKey));
  return {
    name,
    held: green && status === 200 && !report.tradable && !programs.some((one) => one.name === needsKey),
    says: `${programs.length} programs run, ${proven} proven; tradable: ${report.tradable} (${report.reasons.tradable.map(({ says }) => says).join(" ")}). The monitor ${suspended ? "suspended trading" : "did not miss anything"}. ${warned.map(({ says }) => says).join(" ")} ${report.reasons.installed.join(" ")}`,
  };
}

/** The key is given where a person gives it, on the health page; then nothing is missing any more. */
async function keyIsGiven(ground: KeyDrillGround, pair: Pair): Promise<DrillResult> {
  const name = "the key given later";
  ground.say(`drill: ${name}`);
  const { controlSocket } = ground.world.paths;
  const started = performance.now();
  const plan = await proposed(ground, "demo", pair);
  if (plan.blockers.length > 0) throw new Error(JSON.stringify(plan.blockers));
  ground.say(
    `  shown: ${plan.entries.flatMap(({ id, changes }) => (changes.length > 0 ? [`${id} (${changes.length})`] : [])).join(", ")}`,
  );
  const begun = await askServer(controlSocket, "change-key", { consentHash: plan.hash });
  const run = await ended(ground, begun?.runId ?? "");
  const tookMs = Math.round(performance.now() - started);
  const green = await greenAfter(ground);
  const proven = await untilSo(120_000, async () => {
    const programs = Object.values(programsOf((await ground.health()).report));
    return programs.length === 12 && programs.every((one) => one.proven);
  });
  const { report } = await ground.health();
  const unproven = Object.entries(programsOf(report)).filter(([, one]) => !one.proven);
  const doctor = report.probes.filter(({ level, required }) => required && level !== "ok" && level !== "warn");
  return {
    name,
    held: run.status === "done" && green !== undefined && proven && doctor.length === 0,
    says: `${trouble(run).join("; ") || "The run came to its end"} in ${tookMs} ms, the page was green ${green ?? "never"} ms later; ${12 - unproven.length} of 12 programs are proven${unproven.map(([one, { evidence }]) => `; ${one}: ${evidence}`).join("")}. Tradable: ${report.tradable} ${report.reasons.tradable.map(({ says }) => says).join(" ")}`,
    ...(green === undefined ? {} : { mendedAfterMs: green }),
  };
}

/**
 * What switched both flags on before there was a lock: the program falls over its key, the monitor cannot start it again,
 * and it comes back when the key is there, by somebody else's hand. It must be seen to try, or nothing was held.
 */
async function monitorIsTempted(ground: KeyDrillGround): Promise<DrillResult> {
  const name = "REC.IO's monitor tries to switch trading on when a program comes back";
  ground.say(`drill: ${name}`);
  const { world } = ground;
  const { machine, supervisor } = world;
  const path = join(world.checkout.credentials("demo"), "kalshi.pem");
  const [text, facts] = await Promise.all([machine.files.read(path), machine.files.facts(path)]);
  if (text === undefined || !facts) throw new Error(`${path} is not there`);
  const write = (content: string) => machine.files.write(path, content, facts.mode, { uid: facts.uid, gid: facts.gid });
  const before = await monitorTries(ground);
  const mayFail = (thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
  };
  let suspended = false;
  try {
    await write(placeholder);
    await supervisor.stop(needsKey);
    await supervisor.start(needsKey).catch(mayFail);
    suspended = await untilSo(monitorActsMs, () => monitorWrote(ground, "Failed to restart kalshi_account_sync"));
  } finally {
    await write(text);
    await supervisor.start(needsKey).catch(mayFail);
  }
  const tried = await untilSo(monitorActsMs, async () => (await monitorTries(ground)) >= before + 2);
  const after = await monitorTries(ground);
  const shown = await untilSo(20_000, async () =>
    (await ground.health()).report.probes.some(
      ({ id, level, says }) => id === "order-lock-attempts" && level === "warn" && says.includes(monitorProgram),
    ),
  );
  // The key's file was written again, and what holds the key is older than that: the page says so, and this is its button.
  await ground.repair("restart-key-programs");
  const green = await greenAfter(ground);
  return {
    name,
    held: suspended && tried && shown && green !== undefined,
    says: `The monitor ${suspended ? "could not bring it back" : "was not seen to fail"}, and then tried ${after - before} times to switch trading on; the page ${shown ? "names it" : "does not name it"}, and was green again after ${green ?? "never"} ms.`,
    ...(green === undefined ? {} : { mendedAfterMs: green }),
  };
}

/** An installation that was made without a key, and its key. Both switches of automated trading are watched all the time. */
export async function keyIsGivenLater(
  ground: KeyDrillGround,
  pair: Pair,
  tried: (name: string, drill: () => Promise<DrillResult>) => Promise<DrillResult>,
): Promise<DrillResult[]> {
  const flags = watchFlags(ground);
  const results = [
    await tried("installed without a key", () => livesWithout(ground)),
    await tried("the key given later", () => keyIsGiven(ground, pair)),
    await tried("the monitor is tempted", () => monitorIsTempted(ground)),
  ];
  const { looks, notOff, missed } = await flags.end();
  const sent = await ground.orders();
  return [
    ...results,
    {
      name: "automated entry and auto_stop are off throughout",
      held: looks > 100 && notOff.length === 0 && sent === 0,
      says: `${looks} looks, ${notOff.length} at which one of both was not off${notOff.length > 0 ? `: ${[...new Set(notOff)].join()}` : ""}; ${missed} times the database did not answer. ${sent} orders.`,
    },
  ];
}
