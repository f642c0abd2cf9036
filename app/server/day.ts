import { type Day, dayOf } from "../../components/health/day.ts";
import { groups } from "../../lib/engine/probe.ts";
import { runtime } from "../../lib/runtime.ts";

const dayMs = 24 * 60 * 60_000;

/** The last 24 hours of every group, ready to draw. */
export async function day(now = Date.now()): Promise<Day> {
  return dayOf(await runtime().history(now - dayMs), groups, now);
}
