import { gridOf } from "../../../data/checkout-grid.ts";
import type { LookupGrid } from "../../../data/lookup-grid.ts";
import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";
import { repairedBy } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { collectStrikeTable, judgeStrikeTable, type StrikeTableFacts } from "../../probes/data/strike-table.ts";
import { bucketsOf, type Corner, probabilityAt } from "../../probes/data/strike-table-arithmetic.ts";
import type { AskedQuestion } from "../../report.ts";
import { until } from "../means/canary.ts";
import { type OneShotWorld, oneShot } from "../means/one-shot.ts";
import { programProof } from "../means/program-proof.ts";

/** One strike with the inputs that its probability was computed from, and ours for the same inputs. */
export interface Recomputed {
  what: string;
  theirs: number;
  /** One for each momentum bucket that the row may belong to; empty where the lookup table has no cell there. */
  ours: readonly number[];
}

/** They store two decimals, and we compute in another order. */
const tolerance = 0.0101;

/** The proof: the table as a whole, and one probability of it computed again from the lookup table. */
export function judgeGenerator(facts: StrikeTableFacts, again: Recomputed | undefined): Finding {
  const whole = judgeStrikeTable(facts);
  if (whole.level === "fail" || whole.level === "unknown") return whole;
  if (!again) {
    // Nothing of it can be computed again where the person chose to go without the data.
    return whole.level === "warn"
      ? whole
      : {
          level: "unknown",
          says: "No strike of the table could be computed again: none lies inside a cell of the lookup table.",
        };
  }
  const best = again.ours.toSorted((a, b) => Math.abs(a - again.theirs) - Math.abs(b - again.theirs))[0];
  const evidence = {
    asked: again.what,
    cameBack: `theirs ${again.theirs.toFixed(2)}, ours ${best?.toFixed(2) ?? "none"}`,
  };
  if (best === undefined || Math.abs(best - again.theirs) > tolerance)
    return {
      level: "fail",
      says: `The probability of a strike is ${again.theirs.toFixed(2)} %, and the lookup table gives ${best?.toFixed(2) ?? "none"}.`,
      objects: ["live_data.strike_table_btc.probability", "analytics.probability_lookup_btc"],
      evidence,
      remedy: repairedBy("build-probability-lookup", "Build the lookup table."),
    };
  const checked = `${again.theirs.toFixed(2)} % computed again as ${best.toFixed(2)} %.`;
  return { ...whole, says: `${whole.says} ${checked}`, evidence };
}

interface StrikeRow {
  strike: number;
  price: number;
  ttc: number;
  momentum: number;
  probability: number;
}

async function cell(
  world: Pick<World, "postgres">,
  grid: LookupGrid,
  bucket: number,
  ttc: number,
  buffer: number,
  signal: AbortSignal,
): Promise<Corner[]> {
  const values = [bucket, ttc, buffer, grid.ttcStep, grid.bufferStep];
  return world.postgres.query<Corner & object>("app", sqlFile("probes/lookup-cell.sql"), values, { signal });
}

async function recomputeRow(
  world: Pick<World, "postgres" | "checkout" | "machine">,
  signal: AbortSignal,
): Promise<Recomputed | undefined> {
  const grid = await gridOf(world);
  const sql = sqlFile("probes/strike-to-recompute.sql");
  const steps = [grid.ttcStep, grid.bufferStep];
  const pick = async () => (await world.postgres.query<StrikeRow>("app", sql, steps, { signal }))[0];
  // In one second out of five the time to close lies on the grid, where their choice of neighbours is arbitrary.
  const row = await until(pick, (found) => found !== undefined, 6000, signal);
  if (!row) return undefined;
  const buffer = Math.floor(Math.abs(row.price - row.strike));
  const ours: number[] = [];
  for (const bucket of bucketsOf(row.momentum)) {
    const value = probabilityAt(
      await cell(world, grid, bucket, row.ttc, buffer, signal),
      row.ttc,
      buffer,
      row.strike >= row.price,
    );
    if (value !== undefined) ours.push(value);
  }
  return {
    what: `the strike ${row.strike} at ${row.price}, ${row.ttc} s before the close, momentum ${row.momentum}`,
    theirs: row.probability,
    ours,
  };
}

/** A point in the middle of a cell, for the generator's calculator on its own. */
const point = { ttc: 1802, buffer: 503, bucket: 3 } as const;

/** Where the exchange leaves it without strikes, its calculator is asked alone, in a process like its own. */
async function recomputePoint(world: OneShotWorld, signal: AbortSignal): Promise<Recomputed | undefined> {
  const lines = `from backend.strike_table_generator import LookupProbabilityCalculator\nanswer(list(LookupProbabilityCalculator("btc").get_probability(${point.ttc}, ${point.buffer}, ${point.bucket})))\n`;
  const answer = await oneShot(world, "strike_table_generator", lines, signal);
  const theirs = Array.isArray(answer) ? Number(answer[0]) : Number.NaN;
  const ours = probabilityAt(
    await cell(world, await gridOf(world), point.bucket, point.ttc, point.buffer, signal),
    point.ttc,
    point.buffer,
    false,
  );
  return {
    what: `its calculator alone: ${point.ttc} s, ${point.buffer} points, momentum ${point.bucket}`,
    theirs,
    ours: ours === undefined ? [] : [ours],
  };
}

export function strikeTableGeneratorProof(answers: Answers): AskedQuestion {
  const withoutData = answers.data.kind === "none";
  return programProof<"settings" | "postgres" | "supervisor" | "machine" | "paths" | "checkout">(answers, {
    id: "strike-table-generator-works",
    title: "strike_table_generator computes probabilities from the lookup table",
    program: "strike_table_generator",
    group: "Data",
    everyMs: 60_000,
    timeoutMs: 60_000,
    prove: async (world, signal) => {
      const facts = await collectStrikeTable(world, withoutData);
      const whole = judgeStrikeTable(facts);
      if (whole.level === "fail" || whole.level === "unknown" || withoutData) return judgeGenerator(facts, undefined);
      const again = whole.level === "ok" ? await recomputeRow(world, signal) : await recomputePoint(world, signal);
      return judgeGenerator(facts, again);
    },
  });
}
