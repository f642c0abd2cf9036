import type { Step } from "../engine/step.ts";
import { asOnlyWriter, asOnlyWriterIfThere } from "../postgres/only-writer.ts";

/** Steps that change what is in the database, and say by themselves nothing of others who do. */
const writers: ReadonlySet<string> = new Set([
  "apply-schema",
  "restore-backup",
  "seed-rows",
  "hold-new-orders",
  "clone-system-data",
  "restore-system-data",
  "build-probability-lookup",
  "create-login",
]);

/**
 * The same steps; each that writes into the database does so as the only setup that writes there, also when it is taken
 * back. A run here, a repair there and a second machine hear who was first.
 */
export function asOnlyWriters(steps: readonly Step[]): Step[] {
  return steps.map((one) => {
    if (!writers.has(one.id)) return one;
    const { undo } = one;
    return {
      ...one,
      run: (world, job) => asOnlyWriter(world.postgres, one.id, () => one.run(world, job)),
      undo:
        "never" in undo
          ? undo
          : {
              ...undo,
              takeBack: (world, receipt, job) =>
                asOnlyWriterIfThere(world.postgres, `undo ${one.id}`, () => undo.takeBack(world, receipt, job)),
            },
    };
  });
}
