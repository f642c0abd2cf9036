import { headOf, statusOf } from "../../checkout/git/git.ts";
import type { HealthReport } from "../../health/report.ts";
import type { World } from "../../world.ts";
import type { DrillResult } from "./report.ts";

interface Ground {
  world: World;
  door(name: string, args: readonly string[]): Promise<{ exit: number | null; json: Record<string, unknown> }>;
  health(): Promise<{ status: number; report: HealthReport }>;
  orders(): Promise<number>;
  say(line: string): void;
}

/** Polls until something is so; milliseconds it took. @throws where the deadline comes first. */
async function untilSo(withinMs: number, what: string, look: () => Promise<boolean>): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < withinMs) {
    if (await look()) return Math.round(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${what} did not come within ${withinMs / 1000} s`);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/**
 * The installation is brought to the commit before and back again, and then there once more with the run taken back. Each
 * time everything must be proven, no order sent, and the checkout in the end as it was.
 */
export async function updateThereAndBack({ world, door, health, orders, say }: Ground): Promise<DrillResult> {
  const name = "the update to another commit (HEAD~1), back, and taken back";
  say(`drill: ${name}`);
  const { machine, checkout } = world;
  const { root } = checkout;
  const where = async () => [await headOf(machine, root), ...(await statusOf(machine, root))].join();
  const before = await where();
  const from = (await headOf(machine, root)) ?? "";
  const told: string[] = [];
  const proven = async () => {
    let reasons: readonly string[] = [];
    try {
      await untilSo(120_000, "a whole installation", async () => {
        const { status, report } = await health();
        reasons = report.reasons.installed;
        return status === 200;
      });
    } catch (thrown) {
      throw new Error(`${told.join(", ")}: ${(thrown as Error).message}: ${reasons.join(" ")}`);
    }
  };

  const bring = async (commit: string) => {
    const started = performance.now();
    const { exit, json } = await door("recio", ["update", commit, "--yes", "--anyway"]);
    if (exit !== 0) throw new Error(`update ${commit} ended with ${exit}: ${JSON.stringify(json).slice(0, 800)}`);
    told.push(`to ${((await headOf(machine, root)) ?? "").slice(0, 7)} in ${seconds(performance.now() - started)}`);
    await proven();
    return (json.run as { runId: string }).runId;
  };

  await bring(`${from}~1`);
  const elsewhere = (await headOf(machine, root)) !== from;
  await bring(from);
  const there = await where();
  const runId = await bring(`${from}~1`);
  const started = performance.now();
  const { exit, json } = await door("recio", ["update", "--back", "--yes"]);
  if (exit !== 0 || json.takenBack !== runId)
    throw new Error(`update --back ended with ${exit}: ${JSON.stringify(json).slice(0, 800)}`);
  await proven();
  told.push(`taken back in ${seconds(performance.now() - started)}`);
  const sent = await orders();
  return {
    name,
    held: elsewhere && there.startsWith(from) && (await where()) === before && sent === 0,
    says: `${told.join(", ")}; proven after each. ${sent} orders. The checkout is ${(await where()) === before ? "as it was" : "not as it was"}.`,
  };
}
