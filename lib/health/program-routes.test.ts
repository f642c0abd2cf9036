import { expect, test } from "playwright/test";
import { allowedRoutes, forbiddenRoutes, routeFor } from "./program-routes.ts";

test("no forbidden route is allowed, and a refusal says what it would do", () => {
  for (const { program, method, path, would } of forbiddenRoutes) {
    expect(
      allowedRoutes.some((route) => route.program === program && route.method === method && route.path === path),
      `${method} ${path}`,
    ).toBe(false);
    expect(routeFor(program, method, path, [])).toEqual({ refused: expect.stringContaining(would) });
  }
});

test("every way to an order, a command and a switch is on the forbidden list", () => {
  const listed = (program: string, path: string) =>
    forbiddenRoutes.some((route) => route.program === program && route.path === path);
  for (const [program, path] of [
    ["trade_manager", "/trades"],
    ["main_app", "/trades"],
    ["main_app", "/api/trigger_open_trade"],
    ["main_app", "/api/trigger_close_trade"],
    ["trade_executor", "/trigger_trade"],
    ["main_app", "/api/admin/execute-command"],
    ["main_app", "/api/admin/execute-restart"],
    ["main_app", "/api/set_auto_entry"],
    ["main_app", "/api/set_auto_stop"],
    ["main_app", "/api/set_auto_stop_settings"],
    ["auto_entry_supervisor", "/api/spike_alert_settings"],
    ["main_app", "/api/set_account_mode"],
  ] as const)
    expect(listed(program, path), `${program} ${path}`).toBe(true);
});

test("every POST that is allowed looks at its body", () => {
  const posts = allowedRoutes.filter((route) => route.method === "POST");
  expect(posts.length).toBeGreaterThan(4);
  for (const route of posts) expect(route.refuses?.({ enabled: true, command: "id" }), route.path).toBeTruthy();
});

test("an upper-case, doubled or longer path is another path and refused", () => {
  for (const path of ["/API/DB/TRADES", "//api/db/trades", "/api/db/trades/", "/api/db/trades/../../trades"])
    expect(routeFor("main_app", "GET", path, [])).toHaveProperty("refused");
});
