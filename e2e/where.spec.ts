import { expect, test } from "playwright/test";
import { whereToGo } from "../app/server/where.ts";
import type { RunSummary } from "../lib/runtime.ts";

const run = (runId: string, startedAt: number, purpose: RunSummary["purpose"], status: RunSummary["status"]) =>
  ({ runId, startedAt, purpose, status }) as RunSummary;

test("the page opens at what was cut off, and not at it any more once something came after it", () => {
  const installed = run("i", 1, "install", "done");
  expect(whereToGo([installed])).toBe("/health");
  expect(whereToGo([installed, run("k", 2, "repair", "interrupted")])).toBe("/runs/k");
  expect(whereToGo([installed, run("k", 2, "repair", "interrupted"), run("l", 3, "repair", "done")])).toBe("/health");
  expect(whereToGo([installed, run("k", 2, "repair", "failed")])).toBe("/health");
});
