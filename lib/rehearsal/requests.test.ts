import { expect, test } from "playwright/test";
import { requestLog, type SeenRequest } from "./requests.ts";

test("a log that is kept short forgets what only read, and never an order", () => {
  const log = requestLog(undefined, 100);
  const seen = (method: string, at: number): SeenRequest => ({
    at,
    standIn: "kalshi-demo",
    method,
    host: "",
    path: "/",
    status: 200,
    websocket: false,
    key: "none",
  });
  log.note(seen("POST", 0));
  for (let at = 1; at <= 1_000; at++) log.note(seen("GET", at));
  expect(log.all().length).toBeLessThanOrEqual(101);
  expect(log.all().at(-1)?.at).toBe(1_000);
  expect(log.notGet()).toEqual([seen("POST", 0)]);
});
