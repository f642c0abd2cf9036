import { grouped } from "../../../data/lookup-table.ts";
import { type Finding, probe } from "../../../engine/probe.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";
import { isProblem, repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";

/** A table that was copied, as it was recorded, and whether it is there. */
export interface CopiedNow {
  name: string;
  rows: number;
  snapshotAt: string;
  there: boolean;
  empty: boolean;
  /** Every table that the source offered has come. */
  finished: boolean;
  /** What the source has and was not copied, in sentences; the same with every table. */
  leftOut: readonly string[];
}

/** The step that brings the data. */
type Bringer = "clone-system-data" | "restore-system-data";

const again = (bringer: Bringer) =>
  bringer === "clone-system-data"
    ? repairedBy(bringer, "Copy it from the source again.")
    : repairedBy(bringer, "Take it out of the backup again.");

/** Pure. */
export function judgeSystemData(
  tables: readonly CopiedNow[],
  source: string,
  bringer: Bringer = "clone-system-data",
): Finding {
  if (tables.length === 0)
    return {
      level: "fail",
      says: `Nothing was copied from ${source} yet.`,
      objects: ["clone_state.copied"],
      remedy: again(bringer),
    };
  if (!tables.every(({ finished }) => finished))
    return {
      level: "fail",
      says: `The copy from ${source} is not whole: ${tables.length} tables have come so far.`,
      objects: ["clone_state.finished"],
      remedy: again(bringer),
    };
  const lost = tables.filter(({ there, empty, rows }) => !there || (empty && rows > 0));
  if (lost.length > 0) {
    const [first] = lost as [CopiedNow];
    const others = lost.length > 1 ? ` and ${lost.length - 1} more` : "";
    return {
      level: "fail",
      says: `${first.name}${others} ${first.there ? "is empty" : "is gone"}; ${grouped(first.rows)} rows were copied.`,
      objects: lost.map(({ name }) => name),
      remedy: again(bringer),
    };
  }
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const moments = [...new Set(tables.map(({ snapshotAt }) => snapshotAt))].sort();
  const of =
    moments.length === 1 ? `as of ${moments[0]}` : `of ${moments.length} moments, ${moments[0]} to ${moments.at(-1)}`;
  const says = `${tables.length} tables, ${grouped(rows)} rows from ${source}, ${of}.`;
  const leftOut = tables[0]?.leftOut ?? [];
  if (leftOut.length === 0) return { level: "ok", says };
  return {
    level: "warn",
    says: `${says} ${leftOut.length} of the source's tables ${leftOut.length === 1 ? "was" : "were"} left out.`,
    evidence: { asked: "which tables of the source were not copied", cameBack: leftOut.join("\n") },
    remedy: sentence("Look at why each was left out; what can be mended is copied when the copy is repeated."),
  };
}

/** Is what was copied from the source still there? */
export function systemDataProbe(source: string, bringer: Bringer = "clone-system-data") {
  return probe({
    id: "system-data-copied",
    title: "The system data was copied, and is there",
    group: "Data",
    label: "machine",
    everyMs: 60_000,
    async collect({ postgres }: Pick<World, "postgres">, signal): Promise<CopiedNow[]> {
      try {
        return await postgres.query<CopiedNow & object>("app", sqlFile("clone/copied-now.sql"), [source], { signal });
      } catch (thrown) {
        // Before the first copy there is no record of one.
        if (isProblem(thrown) && thrown.code === "database.object-missing") return [];
        throw thrown;
      }
    },
    judge: (tables) => judgeSystemData(tables, source, bringer),
  });
}
