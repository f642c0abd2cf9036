import type { Postgres } from "../../postgres/postgres.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import { sharedReading } from "../watching/shared-reading.ts";
import { type LiveData, type Read, type Section, type SectionName, sections } from "./sections.ts";

const names = Object.keys(sections) as SectionName[];
const bare = (name: SectionName) => sqlFile(sections[name].file).trimEnd();
const column = (name: SectionName) => `(\n${bare(name)}\n) AS "${name}"`;

/** All sections in one statement, so that the health page costs the database one round trip. */
function allAtOnce(): string {
  return `SELECT ${names.map(column).join(",\n")}`;
}

function parsed<Name extends SectionName>(name: Name, value: unknown): Read<Section<Name>> {
  const result = sections[name].shape.safeParse(value);
  if (result.success) return { facts: result.data as Section<Name> };
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") || "value";
  return {
    unreadable: `The ${where} of ${sections[name].reads.join(" and ")} is not what it should be: ${issue?.message}.`,
    reads: sections[name].reads,
  };
}

/** The sentence for a section that PostgreSQL refused; anything that is not the server's word is thrown on. */
function refusal(thrown: unknown): string {
  if (isProblem(thrown)) return thrown.says;
  // A column of another type: the server names it by an SQLSTATE for which there is no Problem.
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return `PostgreSQL says: ${String(message)}.`;
  throw thrown;
}

/**
 * Reads every section: in one statement, or, where that fails (a table is missing, a column has another type), each by
 * itself. Reads only.
 * @throws Problem `database.…` where the database itself is away.
 */
export async function readLiveData(world: Pick<World, "postgres">, signal?: AbortSignal): Promise<LiveData> {
  const options = signal ? { signal } : {};
  const read: Partial<Record<SectionName, unknown>> = {};
  try {
    const [row] = await world.postgres.query<Record<SectionName, unknown>>("app", allAtOnce(), [], options);
    for (const name of names) read[name] = parsed(name, row?.[name]);
    return read as LiveData;
  } catch (thrown) {
    refusal(thrown);
    // Tells a database that is away from a table that is: the former ends here, with its own problem.
    await world.postgres.query("app", "SELECT 1", [], options);
    for (const name of names) {
      try {
        const [row] = await world.postgres.query<Record<string, unknown>>("app", `SELECT ${column(name)}`, [], options);
        read[name] = parsed(name, row?.[name]);
      } catch (second) {
        read[name] = { unreadable: refusal(second), reads: sections[name].reads };
      }
    }
    return read as LiveData;
  }
}

const shared = sharedReading((postgres: Postgres) => readLiveData({ postgres }));

/** {@link readLiveData}, shared by everybody who asks within a second: probes are asked one by one, the database is not. */
export function liveData({ postgres }: Pick<World, "postgres">): Promise<LiveData> {
  return shared(postgres);
}
