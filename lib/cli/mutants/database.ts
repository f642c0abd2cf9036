import { ask } from "../../engine/ask.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { seedRowsAreThere } from "../../health/probes/database/seed-rows.ts";
import { applySchema } from "../../install/steps/apply-schema.ts";
import { seedRows } from "../../install/steps/seed-rows.ts";
import { type ContractColumn, type ContractTable, contract } from "../../postgres/contract/contract.ts";
import { quoteIdentifier, quoteName } from "../../postgres/identifier.ts";
import { type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";

export type MutantKind = "drop" | "retype" | "no-default" | "other-default" | "demand" | "no-key";

/** One way to damage the database under REC.IO, and the object that must then be named. */
export interface Mutant {
  kind: MutantKind;
  object: string;
  table: ContractTable;
  sql: string;
}

/** What kept a mutant alive: it was not named, not mended by the step that was offered, or not green afterwards. */
export interface Survivor {
  kind: MutantKind;
  object: string;
  why: string;
}

export interface MutantReport {
  killed: number;
  total: number;
  byKind: Record<string, number>;
  /** Until it is named at the latest: the beat of the probe and the longest look. */
  slowestNamedMs: number;
  slowestMendedMs: number;
  survivors: Survivor[];
}

/** Tables in which a person's settings stand from the beginning. */
const filled = new Set([
  "users.auto_trade_settings_0001",
  "users.trade_preferences_0001",
  "users.trade_history_preferences_0001",
]);

/** A type of another class, and how a value becomes one of it. */
function otherType(column: ContractColumn, name: string): string {
  if (column.type === "real") return `numeric USING ${name}::numeric`;
  if (/^(text|character varying)/.test(column.type)) return `jsonb USING to_jsonb(${name})`;
  return `text USING ${name}::text`;
}

function ofColumn(table: ContractTable, column: ContractColumn): Mutant[] {
  const [title, name] = [quoteName(table.schema, table.name), quoteIdentifier(column.name)];
  const base = { table, object: `${table.title}.${column.name}` };
  const alter = `ALTER TABLE ${title} ALTER COLUMN ${name}`;
  const key = table.primaryKey.includes(column.name);
  const mutants: Mutant[] = [
    { ...base, kind: "drop", sql: `ALTER TABLE ${title} DROP COLUMN ${name} CASCADE` },
    { ...base, kind: "retype", sql: `${alter} DROP DEFAULT; ${alter} TYPE ${otherType(column, name)}` },
  ];
  if (column.default !== undefined) mutants.push({ ...base, kind: "no-default", sql: `${alter} DROP DEFAULT` });
  if (column.default !== undefined && /^(text|character varying)/.test(column.type))
    mutants.push({ ...base, kind: "other-default", sql: `${alter} SET DEFAULT 'of somebody else'` });
  if (!column.notNull && !key && column.default === undefined && !filled.has(table.title))
    mutants.push({ ...base, kind: "demand", sql: `${alter} SET NOT NULL` });
  return mutants;
}

function ofKeys(table: ContractTable): Mutant[] {
  const keys = [table.primaryKey, ...table.unique].filter((columns) => columns.length > 0);
  return keys.map((columns) => ({
    kind: "no-key",
    table,
    object: table.title,
    sql: `DO $$ DECLARE one record; BEGIN
      FOR one IN SELECT conname FROM pg_constraint WHERE conrelid = '${quoteName(table.schema, table.name)}'::regclass AND contype IN ('p', 'u')
        AND (SELECT array_agg(attname ORDER BY attname) FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))::text[] = ARRAY['${[...columns].sort().join("','")}']
      LOOP EXECUTE format('ALTER TABLE ${quoteName(table.schema, table.name)} DROP CONSTRAINT %I', one.conname); END LOOP; END $$`,
  }));
}

/** Every mutant of the contract: each column dropped and retyped, each default gone or another, each key gone, each column made to demand. */
export function databaseMutants(): Mutant[] {
  return contract.flatMap((table) => [...table.columns.flatMap((column) => ofColumn(table, column)), ...ofKeys(table)]);
}

const signal = () => new AbortController().signal;

async function tryOne(
  installed: TestInstallation,
  mutant: Mutant,
): Promise<{ why?: string; namedMs: number; mendedMs: number }> {
  const { answers, world, database } = installed;
  const probe = schemaMatchesContract(answers);
  await database.query(mutant.sql);
  const { finding, tookMs } = await ask(probe, world, signal());
  const namedMs = tookMs + probe.everyMs;
  if (finding.level !== "fail" || !finding.objects?.includes(mutant.object))
    return { namedMs, mendedMs: 0, why: `it was not named: ${finding.says}` };
  if (finding.remedy.kind !== "step" || finding.remedy.stepId !== "apply-schema")
    return { namedMs, mendedMs: 0, why: "no step was offered" };
  const started = performance.now();
  try {
    await applySchema(answers).run(world, testJob());
    const seeds = await ask(seedRowsAreThere(), world, signal());
    if (seeds.finding.level === "fail") await seedRows().run(world, testJob());
  } catch (error) {
    return { namedMs, mendedMs: 0, why: `the step failed: ${error instanceof Error ? error.message : String(error)}` };
  }
  for (const question of [probe, seedRowsAreThere()]) {
    const again = await ask(question, world, signal());
    if (again.finding.level !== "ok") return { namedMs, mendedMs: 0, why: `afterwards: ${again.finding.says}` };
  }
  return { namedMs, mendedMs: Math.round(performance.now() - started) };
}

/**
 * Damages a real database in each of these ways, one after another, and sees whether the damage is named, mended by the
 * step that is offered, and green afterwards. A database for each table, so that none stands on another's repairs.
 */
export async function killDatabaseMutants(
  mutants: readonly Mutant[],
  { major = 18, say = () => {} }: { major?: 15 | 18; say?: (line: string) => void } = {},
): Promise<MutantReport> {
  const report: MutantReport = {
    killed: 0,
    total: 0,
    byKind: {},
    slowestNamedMs: 0,
    slowestMendedMs: 0,
    survivors: [],
  };
  for (const title of new Set(mutants.map(({ table }) => table.title))) {
    let installed = await testInstallation({ major });
    for (const mutant of mutants.filter(({ table }) => table.title === title)) {
      const { why, namedMs, mendedMs } = await tryOne(installed, mutant);
      report.total += 1;
      report.slowestNamedMs = Math.max(report.slowestNamedMs, namedMs);
      report.slowestMendedMs = Math.max(report.slowestMendedMs, mendedMs);
      if (why === undefined) {
        report.killed += 1;
        report.byKind[mutant.kind] = (report.byKind[mutant.kind] ?? 0) + 1;
        continue;
      }
      report.survivors.push({ kind: mutant.kind, object: mutant.object, why });
      await installed.end();
      installed = await testInstallation({ major });
    }
    await installed.end();
    say(`${title}: ${report.killed} of ${report.total} so far`);
  }
  return report;
}
