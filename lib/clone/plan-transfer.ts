import { leftOut, notCarried } from "./definition.ts";
import { type CatalogueTable, type Column, fullName } from "./table.ts";

/** What becomes of one table of the source. */
export type TableFate =
  /** Made at the target and filled. */
  | { kind: "make"; table: CatalogueTable }
  /** There at the target, empty or not yet counted: filled. */
  | { kind: "fill"; table: CatalogueTable }
  /** Not copied, and why. */
  | { kind: "skip"; table: CatalogueTable; says: string };

/** What a transfer would do, table by table, from both catalogues alone. */
export interface TransferPlan {
  fates: TableFate[];
  /** What is copied otherwise than it stands at the source, in sentences. */
  notes: string[];
}

const kinds: Record<string, string> = { v: "a view", m: "a materialised view", f: "a foreign table" };

/** Why the target's table cannot take the source's rows. */
function misfit(theirs: CatalogueTable, ours: CatalogueTable): string | undefined {
  if (ours.kind !== "r") return `${fullName(ours)} is ${kinds[ours.kind] ?? "no ordinary table"} here`;
  const here = new Map(ours.columns.map((column) => [column.name, column]));
  for (const column of theirs.columns) {
    const own = here.get(column.name);
    if (!own) return `the column ${column.name} is not there here`;
    if (own.type !== column.type)
      return `the column ${column.name} is ${own.type} here and ${column.type} at the source`;
    if (own.generated) return `the column ${column.name} is computed here`;
    here.delete(column.name);
  }
  const wanting = [...here.values()].find(
    (column: Column) => column.notNull && column.default === null && column.identity === "" && !column.generated,
  );
  return wanting && `the column ${wanting.name} must have a value here, and the source has no such column`;
}

function fateOf(theirs: CatalogueTable, ours: CatalogueTable | undefined): TableFate {
  const skip = (why: string): TableFate => ({
    kind: "skip",
    table: theirs,
    says: `${fullName(theirs)} is not copied: ${why}.`,
  });
  if (theirs.kind !== "r" && theirs.kind !== "p") return skip(`it is ${kinds[theirs.kind] ?? "no table"}`);
  if (!theirs.readable) return skip("the role may not read it");
  if (theirs.rowSecurity) return skip("row security hides some of its rows, and nobody could say which");
  if (theirs.columns.length === 0) return skip("it has no columns");
  const strange = theirs.columns.map(notCarried).find((why) => why !== undefined);
  if (strange) return skip(strange);
  if (!ours) return { kind: "make", table: theirs };
  const why = misfit(theirs, ours);
  return why ? skip(why) : { kind: "fill", table: theirs };
}

/** Compares both catalogues before a byte moves. Pure. */
export function planTransfer(source: readonly CatalogueTable[], target: readonly CatalogueTable[]): TransferPlan {
  const here = new Map(target.map((table) => [fullName(table), table]));
  const fates = source.map((table) => fateOf(table, here.get(fullName(table))));
  return { fates, notes: fates.flatMap((fate) => (fate.kind === "make" ? leftOut(fate.table) : [])) };
}
