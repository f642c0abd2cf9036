import { type Moved, readMoved } from "../../../backup/moved.ts";
import { grouped } from "../../../data/lookup-table.ts";
import { type AnyProbe, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy, sentence } from "../../../problem.ts";

type MovedAnswer = NonNullable<Answers["moved"]>;

const day = (at: string) => at.slice(0, 16).replace("T", " ");

/** "What the backup held is in the database": said once, when every row was compared. */
export function backupRestored({ madeAt }: MovedAnswer): AnyProbe {
  return probe<"machine" | "paths", Moved | undefined>({
    id: "backup-restored",
    title: "The rows of the backup were put into the database",
    group: "Data",
    label: "machine",
    everyMs: 60_000,
    collect: readMoved,
    judge(moved) {
      if (moved?.madeAt !== madeAt)
        return {
          level: "fail",
          says: `The rows of the backup of ${day(madeAt)} are not in the database yet.`,
          remedy: repairedBy("restore-backup", "Put them there."),
        };
      return {
        level: "ok",
        says: `${grouped(moved.rows)} rows of ${moved.tables} tables came from the backup of ${day(madeAt)}; each table was compared by count and hash at ${day(moved.restoredAt)}.`,
      };
    },
  });
}

/** "Only this installation trades with the key": the person's word, since nobody here can see the other machine. */
export function onlyOneTrades(): AnyProbe {
  return probe<"machine" | "paths", Moved | undefined>({
    id: "only-one-trades",
    title: "The installation that this one came from no longer trades",
    group: "Safety",
    label: "machine",
    everyMs: 10_000,
    collect: readMoved,
    judge(moved) {
      if (moved?.confirmedAt)
        return { level: "ok", says: `You said so on ${day(moved.confirmedAt)}; it cannot be seen from here.` };
      return {
        level: "fail",
        says: "No order passes here, not even a closing one: this installation came from another machine, and nobody has said yet that the other one no longer trades with the same key.",
        remedy: sentence(
          "Stop REC.IO on the other machine, then say so under Order lock on this page, or with npm run trading -- confirm-move.",
        ),
      };
    },
  });
}
