import { dirname } from "node:path";
import { type Change, step } from "../../engine/step.ts";
import { databaseAnswers, databaseVersion } from "../../health/probes/database/database.ts";
import { adminPasswordFile, socketFolder } from "../../postgres/target.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Answers } from "../answers.ts";

/** What was made: the cluster as a whole, and the short folder of its socket where one was needed. */
type Receipt = { cluster: boolean; shortFolder?: string };

/**
 * The embedded server is made and started. A server that is not ours is only looked at: where it does not answer there
 * is nothing that this step could do.
 */
export function startPostgres(answers: Answers) {
  return step<"postgres" | "paths" | "machine", Receipt>({
    id: "start-postgres",
    title: "Start PostgreSQL",
    why: "Everything that REC.IO knows is in PostgreSQL.",
    probes: [databaseAnswers(), databaseVersion()],

    async describe({ postgres, paths }): Promise<Change[]> {
      if (answers.database.kind === "server") return [];
      const { target } = postgres;
      const { state } = await postgres.embedded.status();
      const { folder, short } = socketFolder(paths, target.port);
      const made: Change[] = [
        {
          what: "folder",
          target: paths.postgresData,
          detail: "0700, a new PostgreSQL 18 cluster with data checksums, about 40 MB",
        },
        { what: "file", target: adminPasswordFile(paths), detail: "0600, the generated password of its superuser" },
      ];
      const started: Change[] = [
        ...(short
          ? [
              {
                what: "folder" as const,
                target: folder,
                detail: "0700, the unix socket: the path of the state folder is too long for one",
              },
            ]
          : []),
        { what: "process", target: "postgres", detail: "goes on running when the setup ends" },
        { what: "port", target: `127.0.0.1:${target.port}`, detail: "PostgreSQL, for this machine alone" },
      ];
      return [...(state === "absent" ? made : []), ...(state === "running" ? [] : started)];
    },

    async run({ postgres, paths }, job) {
      if (answers.database.kind === "server")
        throw new Problem({
          code: "database.not-ours-to-run",
          says: `The PostgreSQL server at ${answers.database.host}:${answers.database.port} does not answer as it must, and it is not ours to start.`,
          remedy: sentence("Start it, correct the address, or choose the embedded PostgreSQL."),
        });
      const { folder, short } = socketFolder(paths, postgres.target.port);
      const receipt: Receipt = {
        cluster: (await postgres.embedded.status()).state === "absent",
        ...(short ? { shortFolder: folder } : {}),
      };
      // Before the first effect: a cluster that is half made when this process dies is ours to remove.
      await job.spent(receipt);
      await postgres.embedded.initialise(job.log);
      await postgres.embedded.start(job.log);
      await postgres.forget();
      return receipt;
    },

    undo: {
      async takeBack({ postgres, paths, machine }, receipt, job) {
        if (!receipt.cluster || answers.database.kind === "server") return;
        await postgres.embedded.stop();
        const { files } = machine;
        await files.removeTree(paths.postgresData);
        await files.removeTree(`${paths.postgresData}.new`);
        await files.removeTree(paths.postgresSocket);
        await files.remove(paths.postgresLog);
        await files.remove(adminPasswordFile(paths));
        // Rows that were kept before a change are a part of the database that goes: without the rest they are of no use.
        await files.removeTree(paths.backups);
        if (receipt.shortFolder) await files.removeTree(receipt.shortFolder, dirname(receipt.shortFolder));
        if (
          (await files.facts(dirname(paths.postgresData)))?.kind === "folder" &&
          (await files.list(dirname(paths.postgresData))).length === 0
        )
          await files.removeTree(dirname(paths.postgresData));
        job.log("The embedded PostgreSQL is stopped and its files are removed.");
      },
    },
  });
}
