import { join } from "node:path";
import { type AnyProbe, type Finding, probe } from "../../engine/probe.ts";
import { type Step, step } from "../../engine/step.ts";
import { writeBackup } from "../../postgres/backup/backup.ts";
import { keptIn, proveBackup } from "../../postgres/backup/prove-backup.ts";
import { contract } from "../../postgres/contract/contract.ts";
import { asOnlyWriter } from "../../postgres/only-writer.ts";
import { targetOf } from "../../postgres/target.ts";
import { sentence } from "../../problem.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Receipt = { readonly folder?: string };

/** A run that is gone on with the next morning writes a backup anew: the rows of the night are none that it knows. */
const freshForMs = 3_600_000;

/** The person's own rows: what a new version of a program might write differently. System data can be had again. */
const personal = contract.filter(({ schema }) => schema === "users" || schema === "system").map(({ title }) => title);

const nameOf = (database: string, to: string, at: Date) =>
  `${database.replace(/[^\w-]/g, "_")}-${at.toISOString().slice(0, 19).replaceAll(":", "-")}-before-${to.slice(0, 7)}`;

/** The moment in the name of a folder, in milliseconds since the epoch; NaN where there is none. */
function momentOf(name: string): number {
  const found = /-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-before-/.exec(name);
  return found ? Date.parse(`${found[1]}T${found[2]}:${found[3]}:${found[4]}Z`) : Number.NaN;
}

/** Written once a backup was put back elsewhere and was equal: a backup alone, or one that failed there, is no evidence. */
const provenName = "proven.json";

function rowsAreKept(to: string): AnyProbe {
  return probe<"machine" | "paths", { proven: boolean }>({
    id: "rows-kept-before-update",
    title: "Your rows are kept",
    group: "Database",
    label: "machine",
    everyMs: 60_000,
    async collect({ machine, paths }) {
      const fresh = (await machine.files.list(paths.backups)).filter(
        (name) => name.includes(`-before-${to.slice(0, 7)}`) && Date.now() - momentOf(name) < freshForMs,
      );
      const marks = await Promise.all(fresh.map((name) => machine.files.facts(join(paths.backups, name, provenName))));
      return { proven: marks.some((mark) => mark !== undefined) };
    },
    judge({ proven }): Finding {
      if (proven)
        return { level: "ok", says: "Your rows of just now are kept, and were put back elsewhere and compared." };
      return { level: "fail", says: "Your rows are not kept yet.", remedy: sentence("Go on with the update.") };
    },
  }) as AnyProbe;
}

/** Keeps the person's rows before another version of REC.IO writes to them, and proves that they can be put back. */
export function backUpRows(answers: Pick<Answers, "database">, to: string): Step<keyof World, Receipt> {
  const target = targetOf(answers.database);
  return step<keyof World, Receipt>({
    id: "back-up-rows",
    title: "Keep your rows",
    why: "Another version of a program may write what this one does not understand.",
    probes: [rowsAreKept(to)],
    async describe({ paths }) {
      return [
        {
          what: "folder",
          target: paths.backups,
          detail: `the rows of ${personal.length} tables, put back elsewhere and compared before anything is changed`,
        },
      ];
    },
    run: ({ postgres, machine, paths }, job) =>
      asOnlyWriter(postgres, "back-up-rows", async () => {
        const folder = join(paths.backups, nameOf(target.database, to, new Date()));
        const backup = await writeBackup({ postgres, machine }, "installer", folder, personal, job.signal);
        if (!backup) return {};
        await job.spent({ folder: backup.folder });
        const where = await proveBackup(postgres, keptIn(machine, backup), job.signal);
        await machine.files.write(join(backup.folder, provenName), `${JSON.stringify({ where })}\n`, 0o600);
        const rows = backup.tables.reduce((sum, table) => sum + table.rows, 0);
        job.log(
          `${rows} rows of ${backup.tables.length} tables are kept in ${backup.folder}, and were put back in ${where}: counts and hashes are equal.`,
        );
        return { folder: backup.folder };
      }),
    undo: {
      // What is kept goes with our own server's data; beside somebody's server it stays.
      takeBack: async () => undefined,
      keeps: ({ folder }) =>
        folder !== undefined && target.kind !== "embedded"
          ? `The backup in ${folder} stays: it holds your rows.`
          : undefined,
    },
  });
}
