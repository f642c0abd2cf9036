import { createHash } from "node:crypto";
import { isProblem, Problem, repairedBy } from "../problem.ts";
import type { TradingState } from "../runtime.ts";
import { settingsTable } from "./contract/contract.ts";
import { quoteIdentifier } from "./identifier.ts";
import type { Postgres, PostgresTarget, Session } from "./postgres.ts";
import { sqlFile } from "./sql-file.ts";

/** The lock's functions and the files that they are made from; a body that differs was changed behind our back. */
const functionFiles = {
  note: "lock/note.sql",
  enforce: "lock/enforce.sql",
  may_send: "lock/may-send.sql",
  monitor_wanted: "lock/monitor-wanted.sql",
} as const;

/** What REC.IO's role may call: the hook asks the one and tells the other. */
const calledByApp = ["may_send", "monitor_wanted"];

/** What stands in the catalogue about the lock, as `probes/order-lock-facts.sql` answers. */
export interface LockFacts {
  lock_owner: string | null;
  users_owner: string | null;
  settings: {
    owner: string;
    appMay: string[];
    before: string[];
    trigger: { enabled: string; type: number; function: string; whole: boolean } | null;
  } | null;
  functions: Record<string, { owner: string; body: string; definer: boolean; path: string; executors: string[] }>;
  open_tables: string[];
  tables: number;
  app_mighty: boolean;
  app_is_installer: boolean;
}

/** What is permitted and who wanted otherwise, as `probes/order-lock-state.sql` answers. */
export interface LockState {
  orders: "none" | "close-only" | "manual" | "all" | null;
  auto_entry_allowed: boolean | null;
  auto_stop_mode: "freeze" | "free" | null;
  set_at: Date | null;
  switches: { auto_entry: boolean | null; auto_stop: boolean | null; momentum_spike_enabled: boolean | null } | null;
  held_times: number;
  refused_orders: number;
  last: { at: string; application: string; client: string; what: string } | null;
}

/** BEFORE INSERT OR UPDATE FOR EACH ROW, in the bits of pg_trigger.tgtype. */
const triggerType = 1 + 2 + 4 + 16;
const pinnedPath = "search_path=pg_catalog, pg_temp";

function bodyHash(file: string): string {
  const body = sqlFile(file).split("$body$")[1];
  if (body === undefined) throw new Error(`${file} holds no function body`);
  return createHash("md5").update(body).digest("hex");
}

function functionFaults(facts: LockFacts, target: PostgresTarget): string[] {
  return Object.entries(functionFiles).flatMap(([name, file]) => {
    const found = facts.functions[name];
    const title = `order_lock.${name}()`;
    if (!found) return [`${title} is missing`];
    const executors = calledByApp.includes(name) ? [target.appUser] : [];
    return [
      ...(found.owner === target.installerUser ? [] : [`${title} belongs to ${found.owner}`]),
      ...(found.body === bodyHash(file) ? [] : [`${title} is not the function that was installed`]),
      ...(found.definer === (name !== "note") ? [] : [`${title} runs with the wrong rights`]),
      ...(found.path === pinnedPath ? [] : [`${title} does not pin its search path`]),
      ...(found.executors.join() === executors.join()
        ? []
        : [`${title} may be called by ${found.executors.join(", ") || "nobody"}`]),
    ];
  });
}

function tableFaults(facts: LockFacts, target: PostgresTarget): string[] {
  const { settings } = facts;
  if (!settings) return [`${settingsTable} is missing`];
  const { trigger } = settings;
  const tooMuch = settings.appMay.filter((right) => right === "TRIGGER" || right === "TRUNCATE");
  const missing = ["SELECT", "INSERT", "UPDATE", "DELETE"].filter((right) => !settings.appMay.includes(right));
  return [
    ...(settings.owner === target.installerUser ? [] : [`${settingsTable} belongs to ${settings.owner}`]),
    ...(tooMuch.length === 0 ? [] : [`${target.appUser} has ${tooMuch.join(" and ")} on ${settingsTable}`]),
    ...(missing.length === 0 ? [] : [`${target.appUser} lacks ${missing.join(", ")} on ${settingsTable}`]),
    ...(trigger ? [] : [`The trigger zz_order_lock is missing on ${settingsTable}`]),
    ...(trigger && trigger.enabled !== "A" ? ["The trigger zz_order_lock is not enabled always"] : []),
    ...(trigger && (trigger.function !== "order_lock.enforce" || trigger.type !== triggerType || !trigger.whole)
      ? ["The trigger zz_order_lock is not the one that was installed"]
      : []),
    ...(trigger && settings.before.at(-1) !== "zz_order_lock"
      ? [`The trigger ${settings.before.at(-1)} fires after the order lock`]
      : []),
  ];
}

/** Everything in which the lock is not as it was made, one clause each. Empty where it is intact. Pure. */
export function lockFaults(facts: LockFacts, target: PostgresTarget): string[] {
  if (facts.lock_owner === null) return ["The order lock is not installed"];
  return [
    ...(facts.lock_owner === target.installerUser ? [] : [`The schema order_lock belongs to ${facts.lock_owner}`]),
    ...(facts.users_owner === target.installerUser
      ? []
      : [`The schema users belongs to ${facts.users_owner ?? "nobody"}`]),
    ...tableFaults(facts, target),
    ...functionFaults(facts, target),
    ...(facts.tables === 3 ? [] : ["A table of the order lock is missing"]),
    ...facts.open_tables.map((name) => `order_lock.${name} may be written by ${target.appUser}`),
    ...(facts.app_mighty ? [`${target.appUser} is a superuser or may change roles`] : []),
    ...(facts.app_is_installer ? [`${target.appUser} is a member of ${target.installerUser}`] : []),
  ];
}

/** Looks at what the lock stands on, in one round trip. */
export async function lockFacts(postgres: Postgres, signal?: AbortSignal): Promise<LockFacts> {
  const { appUser, installerUser } = postgres.target;
  const [facts] = await postgres.query<LockFacts>(
    "installer",
    sqlFile("probes/order-lock-facts.sql"),
    [appUser, installerUser],
    signal ? { signal } : {},
  );
  if (facts) return facts;
  throw new Problem({
    code: "database.role-missing",
    says: `The role ${appUser} does not exist.`,
    remedy: repairedBy("create-database-roles", "Create the database roles."),
  });
}

/** What is permitted now and what was tried since. @throws Problem `database.object-missing` where there is no lock. */
export async function lockState(postgres: Postgres, signal?: AbortSignal): Promise<LockState> {
  const [state] = await postgres.query<LockState>(
    "installer",
    sqlFile("probes/order-lock-state.sql"),
    [],
    signal ? { signal } : {},
  );
  if (!state) throw new Error("probes/order-lock-state.sql always answers with one row");
  return state;
}

/** Trades that hold or may soon hold a position, one line each; undefined where the table cannot be read. */
async function openTrades(postgres: Postgres): Promise<string[] | undefined> {
  type Row = Record<"ticker" | "side" | "status", string | null> & { contracts: number | null };
  const text =
    "SELECT ticker, side, position AS contracts, status FROM users.trades_0001 WHERE status IN ('pending', 'open', 'closing') ORDER BY id";
  try {
    const rows = await postgres.query<Row>("installer", text);
    return rows.map(
      ({ ticker, side, contracts, status }) =>
        `${ticker ?? "unknown ticker"} ${side ?? "?"} × ${contracts ?? "?"} (${status})`,
    );
  } catch {
    return undefined;
  }
}

/** What the order lock holds, each thing by itself. The account mode is the checkout's to say and is left out here. */
export async function tradingState(postgres: Postgres): Promise<TradingState> {
  const faults = lockFaults(await lockFacts(postgres), postgres.target);
  const trades = await openTrades(postgres);
  const common = {
    intact: faults.length === 0,
    ...(trades === undefined ? {} : { openTrades: trades.length, trades }),
  };
  const state = await lockState(postgres).catch((error: unknown) => {
    if (isProblem(error) && error.code === "database.object-missing") return undefined;
    throw error;
  });
  if (!state) return { ...common, mode: "absent", attempts: { count: 0 } };
  const { switches, last } = state;
  return {
    ...common,
    mode: state.orders ?? "absent",
    ...(switches?.auto_entry == null ? {} : { autoEntry: switches.auto_entry }),
    ...(switches?.auto_stop == null ? {} : { autoStop: switches.auto_stop }),
    ...(switches?.momentum_spike_enabled == null ? {} : { momentumSpike: switches.momentum_spike_enabled }),
    attempts: {
      count: state.held_times + state.refused_orders,
      ...(last ? { lastAt: Date.parse(last.at), lastFrom: last.application } : {}),
    },
  };
}

/** Engages the lock inside a transaction: nobody changes the switches between the permit and the row. */
async function engageIn(session: Session, orders: "none" | "close-only", reason: string): Promise<void> {
  await session.query("SET LOCAL lock_timeout = '5s'");
  await session.query("LOCK TABLE users.auto_trade_settings_0001 IN SHARE ROW EXCLUSIVE MODE");
  await session.query(sqlFile("lock/engage.sql"), [orders, reason]);
  await session.query(
    "UPDATE users.auto_trade_settings_0001 SET auto_entry = false WHERE auto_entry IS DISTINCT FROM false",
  );
}

/**
 * Stops new orders: closing stays possible unless `orders` is "none". Automated entry is switched off and held off;
 * auto_stop stays what it is and is held there, because switching it off would leave open positions without a stop.
 */
export async function lock(
  postgres: Postgres,
  orders: "none" | "close-only" = "close-only",
  reason = "locked by the person",
): Promise<void> {
  await postgres.withTransaction("installer", (session) => engageIn(session, orders, reason));
}

/**
 * Permits new orders again: "manual" those that a person places, "all" also automated ones. Switches nothing on.
 * @throws Problem `order-lock.absent` where there is no lock to release.
 */
export async function release(
  postgres: Postgres,
  mode: "manual" | "all",
  reason = "released by the person",
): Promise<void> {
  const released = await postgres.query("installer", sqlFile("lock/release.sql"), [mode, reason]);
  if (released.length === 1) return;
  throw new Problem({
    code: "order-lock.absent",
    says: "There is no order lock to release.",
    remedy: repairedBy("hold-new-orders", "Install the order lock."),
  });
}

/**
 * Installs the lock, or installs it again after a restore, and engages it; inside the caller's transaction as the
 * installer. What is there already of its own is kept: the permit's history and the attempts.
 */
export async function installLock(
  session: Session,
  target: PostgresTarget,
  orders: "none" | "close-only" = "close-only",
): Promise<void> {
  const [app, installer] = [quoteIdentifier(target.appUser), quoteIdentifier(target.installerUser)];
  await session.query("SET LOCAL lock_timeout = '5s'");
  await session.query(sqlFile("lock/tables.sql"));
  for (const file of Object.values(functionFiles)) await session.query(sqlFile(file));
  await session.query("REVOKE ALL ON ALL TABLES IN SCHEMA order_lock FROM PUBLIC");
  await session.query(`REVOKE ALL ON ALL TABLES IN SCHEMA order_lock FROM ${app}`);
  await session.query(`REVOKE ALL ON ALL FUNCTIONS IN SCHEMA order_lock FROM PUBLIC, ${app}`);
  await session.query(`GRANT USAGE ON SCHEMA order_lock TO ${app}`);
  for (const name of calledByApp) await session.query(`GRANT EXECUTE ON FUNCTION order_lock.${name} TO ${app}`);
  await session.query(`ALTER TABLE users.auto_trade_settings_0001 OWNER TO ${installer}`);
  await session.query(`REVOKE ALL ON users.auto_trade_settings_0001 FROM PUBLIC, ${app}`);
  await session.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON users.auto_trade_settings_0001 TO ${app}`);
  await session.query(`ALTER SCHEMA users OWNER TO ${installer}`);
  await session.query(`GRANT USAGE, CREATE ON SCHEMA users TO ${app}`);
  await session.query(sqlFile("lock/attach.sql"));
  await engageIn(session, orders, "installed locked");
}
