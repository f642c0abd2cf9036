import { createServer } from "node:net";
import { expect, test } from "playwright/test";
import type { Problem } from "../problem.ts";
import type { World } from "../world.ts";
import { askJson, askProgram, jsonOf, type ProgramRequest } from "./program-client.ts";
import { newCanaryTicket } from "./proofs/means/canary-mark.ts";
import { heldLock } from "./proofs/means/order-lock.ts";
import { standInProgram, type Teller } from "./test-world.ts";

const forever = new AbortController().signal;
const worldAt = (url: string) => ({ checkout: { urlOf: async () => url } }) as unknown as Pick<World, "checkout">;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no problem",
    (thrown: unknown) => (thrown as Problem).code,
  );

async function told(
  tell: Teller,
  wanted: ProgramRequest = { program: "main_app", method: "GET", path: "/api/db/trades" },
): Promise<string> {
  const program = await standInProgram(tell);
  try {
    return await codeOf(askJson(worldAt(program.url), wanted, forever));
  } finally {
    await program.end();
  }
}

test("an answer of 200 that hides an error is a failure, in every way in which this checkout hides one", async () => {
  expect(await told(() => ({ body: { error: "relation does not exist" } }))).toBe("program.hid-an-error");
  expect(await told(() => ({ body: { status: "DISABLED", cooldown_timer: 0, error: "column" } }))).toBe(
    "program.hid-an-error",
  );
  expect(await told(() => ({ body: [{ error: "Failed to connect" }, 503] }))).toBe("program.hid-an-error");
  expect(await told(() => ({ body: { status: "error", message: "no such column" } }))).toBe("program.hid-an-error");
});

test("HTML, an empty body and a cut-off JSON are no JSON, whatever the status says", async () => {
  expect(await told(() => ({ body: "<!doctype html><title>Login</title>" }))).toBe("program.answered-no-json");
  expect(await told(() => ({ body: "" }))).toBe("program.answered-no-json");
  expect(await told(() => ({ body: '{"trades": [', type: "application/json" }))).toBe("program.answered-no-json");
});

test("a status of 500 and a redirect are failures", async () => {
  expect(await told(() => ({ status: 500, body: { trades: [] } }))).toBe("program.answered-error");
  expect(await told(() => ({ status: 307, body: "" }))).toBe("program.answered-error");
});

test("a true answer passes: an object, an array of rows, an error of null", async () => {
  expect(await told(() => ({ body: { trades: [] } }))).toBe("no problem");
  expect(await told(() => ({ body: [{ id: 1 }, { id: 2 }] }))).toBe("no problem");
  expect(await told(() => ({ body: { error: null, status: "success" } }))).toBe("no problem");
});

test("a refused login is a regular answer where it is expected, but an array with a status never is", () => {
  const answer = (body: unknown) => ({ asked: "POST", status: 200, type: "", text: JSON.stringify(body), tookMs: 1 });
  expect(jsonOf(answer({ success: false, error: "Invalid username or password" }), true)).toMatchObject({
    success: false,
  });
  expect(() => jsonOf(answer([{ error: "x" }, 503]), true)).toThrow("hides an error");
});

test("a program that is silent, absent or breaks off is named with the reason", async () => {
  const silent = createServer((socket) => void socket.resume());
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  const wanted = { program: "main_app", method: "GET", path: "/health", timeoutMs: 100 } as const;
  await expect(askProgram(worldAt(`http://127.0.0.1:${port}`), wanted, forever)).rejects.toThrow(
    "main_app does not answer: nothing came within",
  );
  await new Promise((resolve) => silent.close(resolve));
  await expect(askProgram(worldAt(`http://127.0.0.1:${port}`), wanted, forever)).rejects.toThrow(
    "nothing listens on its port",
  );
});

test("an abort ends the request at once and with its own reason", async () => {
  const program = await standInProgram(() => new Promise(() => {}));
  const abort = new AbortController();
  const asked = askProgram(worldAt(program.url), { program: "main_app", method: "GET", path: "/health" }, abort.signal);
  abort.abort(new Error("the page was closed"));
  await expect(asked).rejects.toThrow("the page was closed");
  await program.end();
});

test("nothing that could trade, arm or command ever reaches a program, and nobody else than this machine is asked", async () => {
  const heard: string[] = [];
  const program = await standInProgram(({ method, path }) => {
    heard.push(`${method} ${path}`);
    return { body: {} };
  });
  const ticket = newCanaryTicket();
  const lock = heldLock({ orders: "close-only", autoEntry: false });
  const size: ProgramRequest = {
    program: "main_app",
    method: "POST",
    path: "/api/set_position_size",
    body: { position_size: 7 },
  };
  const status = { program: "trade_manager", method: "POST", path: "/api/update_trade_status" } as const;
  const notice = {
    program: "active_trade_supervisor",
    method: "POST",
    path: "/api/trade_manager_notification",
  } as const;
  const refused: ProgramRequest[] = [
    { program: "trade_manager", method: "POST", path: "/trades", body: { intent: "open" } },
    { program: "trade_executor", method: "POST", path: "/trigger_trade", body: {} },
    { program: "main_app", method: "POST", path: "/api/set_auto_entry", body: { enabled: true } },
    { program: "main_app", method: "POST", path: "/api/set_auto_entry", body: { enabled: false } },
    { program: "main_app", method: "POST", path: "/api/admin/execute-command", body: { command: "id" } },
    { program: "main_app", method: "GET", path: "/api/admin/execute-command" },
    { program: "main_app", method: "GET", path: "/nobody/thought/of/this" },
    { program: "main_app", method: "GET", path: "/app", query: { next: "x" } },
    { program: "main_app", method: "GET", path: "/health", body: {} },
    // Live trading reads it, and the lock was not seen to hold.
    size,
    { ...size, body: { position_size: 7, auto_entry: true }, ...(lock ? { lock } : {}) },
    { ...status, body: { ticket_id: "TICKET-1", status: "error" } },
    { ...status, body: { ticket_id: ticket, status: "open" } },
    { ...status, body: { ticket_id: ticket, status: "error", id: 1 } },
    { ...notice, body: { ticket_id: ticket, trade_id: 1, status: "open" } },
    { ...notice, body: { ticket_id: ticket, trade_id: 1, status: "closing" } },
    { ...notice, body: { ticket_id: "TICKET-1", trade_id: 1, status: "deleted" } },
    {
      program: "main_app",
      method: "POST",
      path: "/api/auth/login",
      body: { username: "a", password: "b", rememberDevice: true },
    },
  ];
  for (const wanted of refused)
    expect(await codeOf(askProgram(worldAt(program.url), wanted, forever)), `${wanted.method} ${wanted.path}`).toBe(
      "program.never-asked",
    );
  expect(
    await codeOf(
      askProgram(worldAt("http://192.0.2.7:3000"), { program: "main_app", method: "GET", path: "/health" }, forever),
    ),
  ).toBe("program.never-asked");
  expect(heard).toEqual([]);
  await askProgram(worldAt(program.url), { ...size, ...(lock ? { lock } : {}) }, forever);
  await askProgram(worldAt(program.url), { ...status, body: { ticket_id: ticket, status: "error" } }, forever);
  expect(heard).toEqual(["POST /api/set_position_size", "POST /api/update_trade_status"]);
  await program.end();
});

test("the lock is held only with orders stopped and automated entry known to be off", () => {
  expect(heldLock({ orders: "close-only", autoEntry: false })).toBeTruthy();
  expect(heldLock({ orders: "none", autoEntry: false })).toBeTruthy();
  for (const facts of [
    { orders: "manual", autoEntry: false },
    { orders: "all", autoEntry: false },
    { orders: null, autoEntry: false },
    { orders: "close-only", autoEntry: true },
    { orders: "close-only", autoEntry: null },
  ])
    expect(heldLock(facts), JSON.stringify(facts)).toBeUndefined();
});
