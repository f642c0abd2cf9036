import { join } from "node:path";
import type { HealthReport } from "../../health/report.ts";
import type { Machine } from "../../machine/machine.ts";
import { isProblem } from "../../problem.ts";
import type { Break, BreakGround, Claim } from "../../rehearsal/breaks/break.ts";
import { allFifty } from "../../rehearsal/breaks/data/all-fifty.ts";
import { deadFeeds } from "../../rehearsal/breaks/data/dead-feeds.ts";
import { marketZeros } from "../../rehearsal/breaks/data/market-zeros.ts";
import { strikeTableEmpty } from "../../rehearsal/breaks/data/strike-table-empty.ts";
import { strikeTableStale } from "../../rehearsal/breaks/data/strike-table-stale.ts";
import { constantHealth } from "../../rehearsal/breaks/database/constant-health.ts";
import { errorInside } from "../../rehearsal/breaks/database/error-inside.ts";
import { psqlPipeline } from "../../rehearsal/breaks/database/psql-pipeline.ts";
import { silentDefaults } from "../../rehearsal/breaks/database/silent-defaults.ts";
import { wrongSchema } from "../../rehearsal/breaks/database/wrong-schema.ts";
import { bcryptMissing } from "../../rehearsal/breaks/programs/bcrypt-missing.ts";
import { falseAlarm } from "../../rehearsal/breaks/programs/false-alarm.ts";
import { listWith503 } from "../../rehearsal/breaks/programs/list-with-503.ts";
import { scriptMissing } from "../../rehearsal/breaks/programs/script-missing.ts";
import { startIfDown } from "../../rehearsal/breaks/programs/start-if-down.ts";
import { adminAdmin } from "../../rehearsal/breaks/safety/admin-admin.ts";
import { autoEntryArmed } from "../../rehearsal/breaks/safety/auto-entry-armed.ts";
import { autoEntryAsked } from "../../rehearsal/breaks/safety/auto-entry-asked.ts";
import { passwordInClear } from "../../rehearsal/breaks/safety/password-in-clear.ts";
import { foundBy, greenAgain } from "../../rehearsal/breaks/watch.ts";

/** The ways in which REC.IO was seen to say that all is well while it was not, each with the switch that brings it about. */
export const catalogue: readonly { entry: string; one: Break }[] = [
  { entry: "supervisord says RUNNING, the schema is wrong", one: wrongSchema },
  { entry: "/health is a constant", one: constantHealth },
  { entry: "200, and inside an error", one: errorInside },
  { entry: "200, and defaults nobody chose", one: silentDefaults },
  { entry: "200, and a list with 503 inside", one: listWith503 },
  { entry: "strike table empty, “success”", one: strikeTableEmpty },
  { entry: "strike table stale", one: strikeTableStale },
  { entry: "market rows of zeros", one: marketZeros },
  { entry: "psql in a pipe ends with 0", one: psqlPipeline },
  { entry: "the generator ends with 0, a script is missing", one: scriptMissing },
  { entry: "health_status “healthy”, the feeds are dead", one: deadFeeds },
  { entry: "/api/system-health “degraded”, nothing is wrong", one: falseAlarm },
  { entry: "a bcrypt hash without bcrypt", one: bcryptMissing },
  { entry: "a password stored in clear", one: passwordInClear },
  { entry: "admin/admin is let in", one: adminAdmin },
  { entry: "auto_entry set to true, told “ok”", one: autoEntryAsked },
  { entry: "auto_entry flipped to true, the lock out of the way", one: autoEntryArmed },
  { entry: "strike table of 50s", one: allFifty },
];

/** One line of the table. Milliseconds. */
export interface CatalogueRow {
  entry: string;
  held: boolean;
  /** What REC.IO said of itself meanwhile. */
  claims: string[];
  /** Our finding, and how long it took. */
  probe?: string;
  level?: string;
  says?: string;
  foundAfterMs?: number;
  /** Until everything was as good again as before. */
  mendedAfterMs?: number;
  /** What went wrong with producing it. */
  trouble?: string;
}

export interface CatalogueGround extends BreakGround {
  health(): Promise<{ status: number; report: HealthReport }>;
  say(line: string): void;
}

const lookEveryMs = 250;
/** Beyond the promise it is waited a little, so that the table says how late it was. */
const graceMs = 15_000;
const mendWithinMs = 180_000;

async function until<T>(withinMs: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

const words = ({ who, says, good }: Claim) => `${who}: ${says}${good ? "" : " (it says so itself)"}`;

/** Asked until it lies: a program that is only just broken may still say what it said before. */
async function claimsOf(ground: CatalogueGround, one: Break): Promise<Claim[]> {
  try {
    return await one.claims(ground);
  } catch (thrown) {
    return [{ who: "nobody", says: isProblem(thrown) ? thrown.says : String(thrown), good: false }];
  }
}

const generator = "strike_table_generator";

/**
 * Does something to the tables; what went wrong with it, in a sentence. On a real checkout strike_table_generator leaves a
 * transaction open in every round that finds its table empty, and a change of that table then waits for ever: it is tried
 * again while the generator is down.
 */
async function tried({ world, say }: CatalogueGround, work: () => Promise<void>): Promise<string | undefined> {
  const words = (thrown: unknown) => (isProblem(thrown) ? thrown.says : String(thrown));
  try {
    await work();
    return undefined;
  } catch (first) {
    say(`  ${words(first)} It is tried again while ${generator} is down.`);
  }
  try {
    await world.supervisor.stop(generator);
    try {
      await work();
    } finally {
      await startIfDown(world, generator);
    }
    return undefined;
  } catch (second) {
    return words(second);
  }
}

async function produce(ground: CatalogueGround, entry: string, one: Break): Promise<CatalogueRow> {
  ground.say(`catalogue: ${entry}`);
  const green = async () => {
    const { status, report } = await ground.health();
    return status === 200 ? report : undefined;
  };
  const before = await until(mendWithinMs, green);
  if (!before) return { entry, held: false, claims: [], trouble: "The page was not green before." };
  let said: Claim[] = [];
  let trouble = await tried(ground, async () => {
    said = (await one.throw(ground)) ?? [];
  });
  // It is broken once the switch is thrown: bringing that about may itself wait for a lock.
  const thrownAt = Date.now();
  const row = await until(one.withinMs + graceMs, async () => foundBy(one, (await ground.health()).report, thrownAt));
  const claims = [...said, ...(await claimsOf(ground, one))];
  const pressedAt = Date.now();
  const { remedy } = one;
  if (remedy) trouble ??= await tried(ground, () => ground.repair(remedy.stepId));
  trouble ??= await tried(ground, () => one.mend(ground));
  const back = await until(mendWithinMs, async () => {
    const { status, report } = await ground.health();
    return status === 200 && greenAgain(one, report, pressedAt, before) ? Date.now() : undefined;
  });
  const foundAfterMs = row && row.checkedAt - thrownAt;
  // The lie itself must have been seen; a false alarm is the other way round.
  const lied = claims.some(({ good }) => good === (one.expects.level !== "ok"));
  return {
    entry,
    held: foundAfterMs !== undefined && foundAfterMs <= one.withinMs && back !== undefined && lied && !trouble,
    claims: claims.map(words),
    ...(row ? { probe: row.id, level: row.level, says: row.says, foundAfterMs: foundAfterMs ?? 0 } : {}),
    ...(back === undefined ? {} : { mendedAfterMs: back - pressedAt }),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

/** Produces every entry on the installed checkout, one after the other, and mends it again. */
export async function runCatalogue(ground: CatalogueGround): Promise<CatalogueRow[]> {
  const rows: CatalogueRow[] = [];
  for (const { entry, one } of catalogue) {
    const row = await produce(ground, entry, one);
    rows.push(row);
    ground.say(lineOf(row));
  }
  return rows;
}

const seconds = (ms: number | undefined) => (ms === undefined ? "never" : `${(ms / 1000).toFixed(1)} s`);

/** One entry for a terminal. Pure. */
export function lineOf(row: CatalogueRow): string {
  const { entry, held, claims, level, probe, says, foundAfterMs, mendedAfterMs, trouble } = row;
  return [
    `${held ? "held" : "NOT HELD"}  ${entry}`,
    ...claims.map((claim) => `    REC.IO   ${claim}`),
    `    ours     ${says === undefined ? "nothing found" : `${level} ${probe}: ${says}`}`,
    `    found after ${seconds(foundAfterMs)}, good again ${seconds(mendedAfterMs)} after the remedy${trouble ? `; ${trouble}` : ""}`,
  ].join("\n");
}

/**
 * Runs the checkout's own generator of supervisord.conf on a copy of the tree, where what it writes harms nothing.
 * @param folder a folder of the run, for the copy
 */
export async function generateInCopy(machine: Machine, root: string, folder: string): Promise<number | null> {
  const copy = join(folder, "generated");
  await machine.files.removeTree(copy, folder);
  await machine.files.makeFolder(copy, 0o700);
  for (const part of ["backend", "scripts"]) await machine.exec("cp", ["-a", join(root, part), copy]);
  const generator = join(copy, "scripts/generate_unified_supervisor_config.py");
  const { code } = await machine.exec("/usr/bin/python3", ["-B", generator], {
    cwd: copy,
    env: {
      PATH: "/usr/bin:/bin",
      REC_SYSTEM_HOST: "localhost",
      REC_DB_HOST: "localhost",
      REC_ENVIRONMENT: "production",
    },
    timeoutMs: 30_000,
  });
  return code;
}
