import { headOf, statusOf } from "../../checkout/git/git.ts";
import type { HealthReport } from "../../health/report.ts";
import type { UpdateRehearsal } from "../../install/update/rehearse-update.ts";
import { drillLock, type LockDrillGround, lockDrillFaults } from "../../rehearsal/lock-drill.ts";
import type { World } from "../../world.ts";
import { hookCost } from "./hook-cost.ts";
import type { DrillResult } from "./report.ts";
import { strangersAreRefused, strangersPageIsRefused } from "./strangers.ts";

/** What a drill may use: the page's own JSON, the repair that the page's button makes, and the world behind our back. */
export interface DrillGround {
  world: World;
  health(): Promise<{ status: number; report: HealthReport }>;
  repair(stepId: string): Promise<void>;
  /** How many orders reached the exchange's stand-in. */
  orders(): Promise<number>;
  trading: LockDrillGround["trading"];
  /** `npm run recio -- rehearse-update COMMIT`. */
  rehearseUpdate(commit: string): Promise<UpdateRehearsal>;
  say(line: string): void;
}

const lookEveryMs = 200;

/** Looks at the health page until a condition holds; milliseconds it took, or undefined when the deadline came first. */
async function until(
  ground: DrillGround,
  deadlineMs: number,
  holds: (status: number, report: HealthReport) => boolean,
): Promise<number | undefined> {
  const started = performance.now();
  while (performance.now() - started < deadlineMs) {
    const { status, report } = await ground.health();
    if (holds(status, report)) return Math.round(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return undefined;
}

/** Breaks one thing, waits until the page names it with 503, mends it, waits until the page answers 200 again. */
export async function breakAndMend(
  ground: DrillGround,
  drill: {
    name: string;
    names: string;
    breakIt(): Promise<unknown>;
    mend(): Promise<void>;
    noticeWithinMs: number;
    /** What mends itself at once is a warning that names it, and the installation goes on. */
    warns?: boolean;
  },
): Promise<DrillResult> {
  ground.say(`drill: ${drill.name}`);
  await drill.breakIt();
  const noticedAfterMs = await until(ground, drill.noticeWithinMs, (status, report) =>
    drill.warns
      ? report.probes.some(({ level, says }) => level !== "ok" && says.includes(drill.names))
      : status === 503 && report.reasons.installed.some((says) => says.includes(drill.names)),
  );
  await drill.mend();
  const mendedAfterMs = await until(ground, 20_000, (status) => status === 200);
  const held = noticedAfterMs !== undefined && mendedAfterMs !== undefined;
  const { report } = await ground.health();
  ground.say(
    `  ${held ? "held" : "NOT HELD"}, named after ${noticedAfterMs ?? "never"}, green after ${mendedAfterMs ?? "never"} ms`,
  );
  return {
    name: drill.name,
    held,
    says: held
      ? `Named ${drill.names}, then green again.`
      : `Not as it must be: ${JSON.stringify(report.reasons.installed).slice(0, 500)}`,
    ...(noticedAfterMs === undefined ? {} : { noticedAfterMs }),
    ...(mendedAfterMs === undefined ? {} : { mendedAfterMs }),
  };
}

async function autoEntryStaysOff(ground: DrillGround): Promise<DrillResult> {
  const name = "auto_entry set to true behind our back";
  ground.say(`drill: ${name}`);
  await ground.world.postgres.query("app", "update users.auto_trade_settings_0001 set auto_entry = true where id = 1");
  const [row] = await ground.world.postgres.query<{ auto_entry: boolean }>(
    "app",
    "select auto_entry from users.auto_trade_settings_0001 where id = 1",
  );
  const shownAfterMs = await until(ground, 15_000, (_status, report) =>
    report.probes.some((probe) => probe.id === "order-lock-attempts" && /held switch/.test(probe.says)),
  );
  const held = row?.auto_entry === false && shownAfterMs !== undefined;
  return {
    name,
    held,
    says: held
      ? "It remained false, was recorded and is shown."
      : `auto_entry is ${row?.auto_entry}; shown: ${shownAfterMs !== undefined}.`,
    ...(shownAfterMs === undefined ? {} : { noticedAfterMs: shownAfterMs }),
  };
}

/** An order as REC.IO's own page would post it, sent by a stranger to every door that takes one. */
async function strangersOrderIsHeld(ground: DrillGround): Promise<DrillResult> {
  const name = "an order posted to REC.IO's own endpoints by a stranger";
  ground.say(`drill: ${name}`);
  const before = await ground.orders();
  const order = {
    ticket_id: `TICKET-drill-${Date.now()}`,
    date: "2026-01-01",
    time: "12:00:00",
    symbol: "BTC",
    market: "Kalshi",
    trade_strategy: "Hourly HTC",
    contract: "BTC 12pm",
    strike: "$118,000",
    side: "Y",
    ticker: "KXBTCD-26JAN0112-T118000",
    buy_price: 0.5,
    position: 1,
    symbol_open: 118_000,
    momentum: 0,
    prob: 95,
    entry_method: "manual",
    intent: "open",
    type: "market",
    count: 1,
    action: "buy",
  };
  const doors: [string, string][] = [
    ["trade_manager", "/trades"],
    ["trade_executor", "/trigger_trade"],
    ["main_app", "/trades"],
  ];
  const answers: string[] = [];
  for (const [program, path] of doors) {
    const url = `${await ground.world.checkout.urlOf(program)}${path}`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    }).then(
      (response) => response.status,
      () => "no answer",
    );
    answers.push(`${program} ${answer}`);
  }
  const refused = await ground.world.postgres.query<{ n: number }>(
    "installer",
    "select count(*)::int as n from order_lock.order_attempt where not allowed",
  );
  const reached = (await ground.orders()) - before;
  const held = reached === 0 && (refused[0]?.n ?? 0) > 0;
  await ground.world.postgres.query("app", "delete from users.trades_0001 where ticket_id = $1", [order.ticket_id]);
  return {
    name,
    held,
    says: `${reached} of ${doors.length} reached the exchange (${answers.join(", ")}); ${refused[0]?.n ?? 0} refused at the gate.`,
  };
}

/** The person releases the lock, REC.IO's switch works; the person puts it back, and the switch is dead again. */
async function lockReleasedAndHeld(ground: DrillGround): Promise<DrillResult> {
  const name = "the lock released with all green, and put back";
  ground.say(`drill: ${name}`);
  const facts = await drillLock(ground);
  const faults = lockDrillFaults(facts);
  const said = ({ answered, stored }: { answered: unknown; stored: boolean | null }) =>
    `REC.IO answered ${JSON.stringify(answered)}, stored was ${stored}`;
  return {
    name,
    held: faults.length === 0,
    says: `${faults.length > 0 ? `${faults.join("; ")}. ` : ""}Held: ${said(facts.held)}. Released: ${said(facts.released)}. Held again: ${said(facts.heldAgain)}, ${facts.attempts} attempts recorded. ${facts.orders} orders.`,
  };
}

/** Another commit is read and its statements are prepared; nothing of it reaches the checkout. */
async function updateIsRehearsed(ground: DrillGround): Promise<DrillResult> {
  const name = "the update to another commit is rehearsed (HEAD~1)";
  ground.say(`drill: ${name}`);
  const { machine, checkout } = ground.world;
  const before = [await headOf(machine, checkout.root), ...(await statusOf(machine, checkout.root))];
  const started = performance.now();
  const { says, verdict, statements, drift } = await ground.rehearseUpdate("HEAD~1");
  const after = [await headOf(machine, checkout.root), ...(await statusOf(machine, checkout.root))];
  const untouched = before.join() === after.join();
  return {
    name,
    held: untouched && verdict !== "same" && statements.asked > 100,
    says: `${says} ${drift.map((one) => one.says).join(" ")} ${statements.unread} places could not be read; ${((performance.now() - started) / 1000).toFixed(1)} s.${untouched ? "" : " The checkout was changed!"}`,
  };
}

/**
 * A drill that falls over is a drill that did not hold, and the others go on. It begins when everything is good again:
 * REC.IO's own monitor may start a program anew long after it was mended.
 */
export async function tried(
  ground: DrillGround,
  name: string,
  drill: () => Promise<DrillResult>,
): Promise<DrillResult> {
  try {
    await until(ground, 90_000, (status) => status === 200);
    return await drill();
  } catch (thrown) {
    return { name, held: false, says: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
}

/** Everything that is tried on an installation, in an order in which none hides another. */
export async function runDrills(ground: DrillGround): Promise<DrillResult[]> {
  const { postgres, supervisor } = ground.world;
  return [
    await breakAndMend(ground, {
      name: "drop users.trade_preferences_0001.position_size",
      names: "users.trade_preferences_0001.position_size",
      breakIt: () => postgres.query("app", "alter table users.trade_preferences_0001 drop column position_size"),
      mend: () => ground.repair("apply-schema"),
      noticeWithinMs: 15_000,
    }),
    await breakAndMend(ground, {
      name: "stop trade_executor",
      names: "trade_executor",
      breakIt: () => supervisor.stop("trade_executor"),
      mend: () => ground.repair("start-services"),
      noticeWithinMs: 15_000,
    }),
    await breakAndMend(ground, {
      name: "empty analytics.probability_lookup_btc",
      names: "analytics.probability_lookup_btc",
      breakIt: () => postgres.query("app", "truncate analytics.probability_lookup_btc"),
      mend: () => ground.repair("build-probability-lookup"),
      noticeWithinMs: 15_000,
    }),
    await autoEntryStaysOff(ground),
    await strangersOrderIsHeld(ground),
    await tried(ground, "foreign names and pages", () => strangersAreRefused(ground.world)),
    await tried(ground, "a foreign page in Chromium", () => strangersPageIsRefused(ground.world)),
    await tried(ground, "the lock released and put back", () => lockReleasedAndHeld(ground)),
    await tried(ground, "what the hook costs", () => hookCost(ground.world)),
    await tried(ground, "an update rehearsed", () => updateIsRehearsed(ground)),
  ];
}
