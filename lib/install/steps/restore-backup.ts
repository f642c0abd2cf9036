import { join } from "node:path";
import { type Restored, restoreDatabase } from "../../backup/database/restore-database.ts";
import { writeMoved } from "../../backup/moved.ts";
import { openedBackup } from "../../backup/open-backup.ts";
import { grouped } from "../../data/lookup-table.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { backupRestored } from "../../health/probes/database/moved.ts";
import { unpacked } from "../../machine/gzip.ts";
import { quoteIdentifier, quoteName } from "../../postgres/identifier.ts";
import { nothingThereYet } from "../../postgres/roles/administrator.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Needs = "postgres" | "machine" | "paths";

/** The backup that was taken apart. @throws Problem where it is gone, or another one lies there. */
async function backupIn({ machine, paths }: Pick<World, Needs>, madeAt: string) {
  const found = await openedBackup(machine, paths.opened);
  if (found?.madeAt === madeAt) return found;
  throw new Problem({
    code: "backup.not-opened",
    says: "The backup is not here any more.",
    remedy: sentence("Give it again with npm run setup -- --from-backup FILE."),
  });
}

/** The first dot parts schema and table, as in every receipt. */
function place(name: string): string {
  const dot = name.indexOf(".");
  return quoteName(name.slice(0, dot), name.slice(dot + 1));
}

/** Puts the rows of a backup into the tables, all of them or none, each table compared by count and hash. */
export function restoreBackup(answer: NonNullable<Answers["moved"]>): Step<Needs, Restored> {
  return step({
    id: "restore-backup",
    title: "Put the rows of the backup back",
    why: "This installation is to be the one that the backup was made of.",
    probes: [backupRestored(answer)],

    async describe(world): Promise<Change[]> {
      const { database, machine, madeAt } = await backupIn(world, answer.madeAt);
      const rows = database.tables.reduce((sum, table) => sum + table.rows, 0);
      return [
        {
          what: "rows",
          target: `${database.tables.length} tables`,
          detail: `${grouped(rows)} rows of the backup made on ${machine} at ${madeAt}, in one transaction, compared by count and hash; a table that holds other rows stops it`,
        },
        { what: "file", target: world.paths.moved, detail: "0600, from where this installation came" },
        {
          what: "rows",
          target: "order_lock.permit",
          detail: "none: no order passes, until you say that the other installation no longer trades with this key",
        },
      ];
    },

    async run(world, job) {
      const { database, machine, madeAt } = await backupIn(world, answer.madeAt);
      const { files } = world.machine;
      const restored = await restoreDatabase(world.postgres, database.tables, {
        rowsOf: ({ file }) => unpacked(files.chunks(join(world.paths.opened, file))),
        signal: job.signal,
        progress: (done, of, table) => job.progress(done, of, "tables", table),
      });
      await job.spent(restored);
      await writeMoved(world, {
        version: 1,
        madeAt,
        machine,
        restoredAt: new Date().toISOString(),
        tables: database.tables.length,
        rows: restored.rows,
      });
      job.log(`${grouped(restored.rows)} rows of ${database.tables.length} tables are back, equal by count and hash.`);
      for (const says of database.leftOut) job.log(says);
      return restored;
    },

    undo: {
      async takeBack({ postgres, machine, paths }, { schemas, made, filled }) {
        if (!(await nothingThereYet(postgres))) {
          try {
            for (const name of made) await postgres.query("installer", `DROP TABLE IF EXISTS ${place(name)}`);
            for (const name of filled)
              await postgres.query("installer", `TRUNCATE ${place(name)}`).catch((thrown: unknown) => {
                if (!isProblem(thrown) || thrown.code !== "database.object-missing") throw thrown;
              });
            for (const schema of schemas)
              await postgres.query("installer", `DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)}`);
          } catch (thrown) {
            // A database that is gone took everything with it.
            if (!isProblem(thrown) || thrown.code !== "database.database-missing") throw thrown;
          }
        }
        await machine.files.remove(paths.moved);
      },
    },
  });
}
