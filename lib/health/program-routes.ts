import { isCanaryTicket } from "./proofs/means/canary-mark.ts";

export type Method = "GET" | "POST";

/** One thing that REC.IO's programs may be asked by us. Everything else is refused. */
export interface AllowedRoute {
  program: string;
  method: Method;
  /** The path without its query. */
  path: string;
  /** Names of query parameters that may be given. */
  query?: readonly string[];
  /** POST only: a sentence where this body must not be sent, nothing where it may. */
  refuses?(body: Readonly<Record<string, unknown>>): string | undefined;
  /** The order lock must have been seen to hold: live trading reads what this changes. */
  needsLock?: true;
}

const get = (program: string, ...paths: readonly string[]): AllowedRoute[] =>
  paths.map((path) => ({ program, method: "GET", path }));

const text = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Names of the fields that are there beyond the expected ones: a body says nothing that was not thought of. */
function beyond(body: Readonly<Record<string, unknown>>, expected: readonly string[]): string | undefined {
  const extra = Object.keys(body).filter((name) => !expected.includes(name));
  return extra.length > 0 ? `the body holds ${extra.join(", ")}` : undefined;
}

/**
 * The whole list of what we ask of REC.IO's programs. None of it opens, closes or arms anything: the three notices to
 * the trading programs carry a canary's ticket, and the one setting that automated entry reads needs the order lock.
 */
export const allowedRoutes: readonly AllowedRoute[] = [
  ...get("main_app", "/health", "/api/ports", "/api/db/trades", "/api/db/system_health", "/api/system/health"),
  ...get("main_app", "/api/get_trade_preferences", "/api/get_trade_history_preferences", "/api/get_auto_entry_status"),
  ...get("main_app", "/api/user/info", "/api/account/balance", "/api/active_trades", "/api/momentum_score"),
  ...get("main_app", "/api/btc_price", "/api/strike_tables/btc", "/api/watchlist/btc", "/api/unified_ttc/btc"),
  { program: "main_app", method: "GET", path: "/app", query: ["token", "deviceId"] },
  {
    program: "main_app",
    method: "POST",
    path: "/api/set_position_size",
    needsLock: true,
    refuses: (body) =>
      beyond(body, ["position_size"]) ??
      (Number.isInteger(body.position_size) && Number(body.position_size) > 0
        ? undefined
        : "the size is no whole number above 0"),
  },
  {
    program: "main_app",
    method: "POST",
    path: "/api/set_trade_history_preferences",
    refuses: (body) =>
      beyond(body, ["page_size"]) ??
      (Number.isInteger(body.page_size) ? undefined : "the page size is no whole number"),
  },
  {
    program: "main_app",
    method: "POST",
    path: "/api/auth/login",
    refuses: (body) =>
      beyond(body, ["username", "password", "rememberDevice"]) ??
      (body.rememberDevice === true ? "a remembered device would stay for a year" : undefined),
  },
  {
    program: "main_app",
    method: "POST",
    path: "/api/auth/verify",
    refuses: (body) => beyond(body, ["token", "deviceId"]),
  },
  {
    program: "main_app",
    method: "POST",
    path: "/api/auth/logout",
    refuses: (body) => beyond(body, ["token", "deviceId"]),
  },
  ...get("trade_manager", "/api/ports", "/trades"),
  {
    program: "trade_manager",
    method: "POST",
    path: "/api/update_trade_status",
    refuses: (body) => {
      if (!text(body.ticket_id) || !isCanaryTicket(body.ticket_id)) return "the ticket is not a canary's";
      if (body.status !== "error") return "the status is not error";
      return beyond(body, ["ticket_id", "status", "error_message"]);
    },
  },
  ...get("trade_executor", "/health", "/api/ports", "/api/system_status"),
  ...get("active_trade_supervisor", "/health", "/api/active_trades", "/api/ports"),
  {
    program: "active_trade_supervisor",
    method: "POST",
    path: "/api/trade_manager_notification",
    refuses: (body) => {
      if (!text(body.ticket_id) || !isCanaryTicket(body.ticket_id)) return "the ticket is not a canary's";
      // "open" would make it watch and, with a stop-loss, close; "closing" and "closed" end the watch of a trade.
      if (body.status !== "pending" && body.status !== "deleted") return "the status is neither pending nor deleted";
      if (!Number.isInteger(body.trade_id)) return "the trade's id is no whole number";
      return beyond(body, ["trade_id", "ticket_id", "status"]);
    },
  },
  ...get("auto_entry_supervisor", "/health", "/api/auto_entry_status", "/api/auto_entry_indicator"),
  ...get("auto_entry_supervisor", "/api/auto_entry_scanning_status", "/api/spike_alert_settings", "/api/ports"),
];

/** A path that must never be asked, and what it would do. `program` "*" means every program. */
export interface ForbiddenRoute {
  program: string;
  method: Method;
  path: string;
  /** Completes "It …". */
  would: string;
}

const forbidden = (program: string, would: string, ...paths: readonly string[]): ForbiddenRoute[] =>
  paths.map((path) => ({ program, method: "POST", path, would }));

/**
 * Every route of the checkout that places an order, runs a command, arms trading or takes away what is the person's.
 * The allow-list alone decides; this list names the danger in the refusal, and a test asserts that the two never meet.
 * Read from the routes of backend/main.py, trade_manager.py, trade_executor.py, active_trade_supervisor.py and
 * auto_entry_supervisor.py at 26c9406.
 */
export const forbiddenRoutes: readonly ForbiddenRoute[] = [
  ...forbidden("trade_manager", "places or closes an order", "/trades"),
  ...forbidden(
    "main_app",
    "places or closes an order",
    "/trades",
    "/api/trigger_open_trade",
    "/api/trigger_close_trade",
    "/api/trigger_trade",
  ),
  ...forbidden("trade_executor", "places an order", "/trigger_trade"),
  ...forbidden(
    "main_app",
    "arms or disarms trading",
    "/api/set_auto_entry",
    "/api/set_auto_stop",
    "/api/update_preferences",
  ),
  ...forbidden(
    "main_app",
    "changes what arms trading",
    "/api/update_auto_entry_settings",
    "/api/set_auto_entry_settings",
  ),
  ...forbidden(
    "main_app",
    "changes what closes positions",
    "/api/update_auto_stop_settings",
    "/api/set_auto_stop_settings",
  ),
  ...forbidden("main_app", "changes the size of orders", "/api/set_multiplier", "/api/update_trade_preferences"),
  ...forbidden("main_app", "switches between demo and real money", "/api/set_account_mode"),
  ...forbidden("main_app", "changes the person's password", "/api/user/change-password"),
  ...forbidden(
    "main_app",
    "runs a command without asking who calls",
    "/api/admin/execute-command",
    "/api/admin/execute-restart",
    "/api/admin/supervisor-status",
    "/api/admin/get-log-stream",
  ),
  ...forbidden("trade_manager", "marks every open trade as expired", "/api/manual_expiration_check"),
  ...forbidden("trade_manager", "settles trades", "/api/manual_settlement_poll", "/api/positions_updated"),
  ...forbidden("active_trade_supervisor", "starts the watch that can close positions", "/api/sync_and_monitor"),
  ...forbidden("active_trade_supervisor", "reports a close that did not happen", "/api/notify_automated_close"),
  ...forbidden("auto_entry_supervisor", "reports a trade that did not happen", "/api/notify_automated_trade"),
  ...forbidden("auto_entry_supervisor", "changes the momentum spike settings", "/api/spike_alert_settings"),
  ...forbidden(
    "main_app",
    "reports to open pages what did not happen",
    "/api/notify_automated_trade",
    "/api/notify_automated_close",
  ),
  ...forbidden(
    "main_app",
    "reports to open pages what did not happen",
    "/api/broadcast_auto_entry_indicator",
    "/api/broadcast_active_trades_change",
    "/api/notify_db_change",
    "/api/log_event",
  ),
];

/** The allowed route for a request, or the sentence that says why there is none. */
export function routeFor(
  program: string,
  method: string,
  path: string,
  query: readonly string[],
): AllowedRoute | { refused: string } {
  const named = `${method} ${path} of ${program}`;
  const known = forbiddenRoutes.find(
    (route) => route.program === program && route.method === method && route.path === path,
  );
  if (known) return { refused: `${named} is never asked: it ${known.would}.` };
  const route = allowedRoutes.find(
    (allowed) => allowed.program === program && allowed.method === method && allowed.path === path,
  );
  if (!route) return { refused: `${named} is not on the list of what may be asked.` };
  const extra = query.filter((name) => !route.query?.includes(name));
  if (extra.length > 0) return { refused: `${named} is not asked with ${extra.join(", ")}.` };
  return route;
}
