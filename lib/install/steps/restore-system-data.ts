import { basename, join } from "node:path";
import { recogniseDump, scriptOf } from "../../clone/dump/dump-file.ts";
import { loadDump } from "../../clone/dump/load-dump.ts";
import { makeScratch } from "../../clone/dump/scratch.ts";
import { clonedSchemas } from "../../clone/table.ts";
import { targetConnections } from "../../clone/target-connections.ts";
import { grouped } from "../../data/lookup-table.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { systemDataProbe } from "../../health/probes/data/system-data.ts";
import type { Answers } from "../answers.ts";
import { type CopyReceipt, copySystemData, copyUndo, occupiedChanges } from "../copy-system-data.ts";

type BackupAnswer = Extract<Answers["data"], { kind: "backup" }>;

/** A path as answers have it: ~/ is the person's own folder. */
const atHome = (path: string, home: string) => (path.startsWith("~/") ? join(home, path.slice(2)) : path);

/**
 * Takes the system data out of a backup of the person's own. The file is not trusted: what it says is run by a role
 * without rights in a database that is thrown away, and only rows of known tables go on from there, compared as those of
 * any source.
 */
export function restoreSystemData(
  answer: BackupAnswer,
): Step<"postgres" | "paths" | "machine" | "settings", CopyReceipt> {
  const source = `the backup ${basename(answer.file)}`;
  return step<"postgres" | "paths" | "machine" | "settings", CopyReceipt>({
    id: "restore-system-data",
    title: "Take the system data out of the backup",
    why: "REC.IO's probabilities rest on these tables; a part of them gives wrong numbers with a green light.",
    probes: [systemDataProbe(source, "restore-system-data")],

    async describe(world): Promise<Change[]> {
      const path = atHome(answer.file, world.settings.home);
      await recogniseDump(world.machine, path);
      return [
        {
          what: "database",
          target: "rec_io_setup_restore_…",
          detail: `a scratch database and a role of the same name without rights elsewhere, into which ${path} is read; both are removed again`,
        },
        ...clonedSchemas.map(
          (schema): Change => ({
            what: "rows",
            target: schema,
            detail: "every table of it that the backup holds, compared before it is put in place",
          }),
        ),
        {
          what: "sql",
          target: "clone_state.copied",
          detail: "which tables were copied, from when, with which checksum",
        },
        ...(await occupiedChanges(world, answer.occupied)),
      ];
    },

    async run(world, job): Promise<CopyReceipt> {
      const { machine, paths, settings } = world;
      const path = atHome(answer.file, settings.home);
      const folder = join(paths.backups, "reading");
      await machine.files.removeTree(folder);
      await machine.files.makeFolder(folder, 0o700);
      try {
        const script = await scriptOf(machine, path, folder, job.signal);
        const scratch = await makeScratch(world);
        try {
          const client = await scratch.open();
          const loaded = await loadDump(client, machine.files, script, path, job.signal).finally(() => client.end());
          job.log(
            `${grouped(loaded.rows)} rows were read from ${path}; ${loaded.skipped} statements and ${loaded.commands} commands of it were not run.`,
          );
          return await copySystemData(
            {
              ends: { source: scratch.open, target: targetConnections(world) },
              sourceName: source,
              proof: "deep",
              withoutLog: true,
              keepAndReplace: answer.occupied === "replace",
              leftOut: loaded.refused.map((says) => `The server refused a statement of the backup: ${says}.`),
              trusted: true,
            },
            job,
          );
        } finally {
          await scratch.end();
        }
      } finally {
        await machine.files.removeTree(folder);
      }
    },

    undo: copyUndo,
  });
}
