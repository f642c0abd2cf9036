import { rememberCheckout } from "../checkout/knowledge/installed.ts";
import type { Secrets } from "../engine/step.ts";
import type { AnswerRecords } from "../install/answer-records.ts";
import { type Answers, answers as answersSchema } from "../install/answers.ts";
import { questionsFor } from "../install/plan.ts";
import type { Files } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { type Watch, watch } from "./installed.ts";

/** What is installed, on disk and in memory, and the watch over it. */
export interface Installation {
  /** The answers that are installed, or undefined before that. */
  answers(): Answers | undefined;
  /** @throws Problem `install.not-installed` */
  need(): Answers;
  /** The watch over it; undefined before there is something to watch, and once everything is taken back. */
  watching(): Watch | undefined;
  lookAgain(id?: string): Promise<void>;
  /** Makes these answers the installation's and watches them. */
  adopt(answers: Answers): Promise<void>;
  beginWatching(): Promise<void>;
  /** What is there now is what is watched, and what a later commit is compared with. */
  settle(): Promise<void>;
  endWatching(): Promise<void>;
  /** Nothing is installed any more. */
  forget(): Promise<void>;
}

interface Ground {
  files: Files;
  records: AnswerRecords;
  paths: StatePaths;
  held: Secrets;
  world(answers: Answers): World;
  onBug: (thrown: unknown, where: string) => void;
}

/** Reads what is installed from the state folder. Nothing is watched yet. */
export async function openInstallation({ files, records, paths, held, world, onBug }: Ground): Promise<Installation> {
  let installed = await records.read(paths.installation, answersSchema);
  let watching: Watch | undefined;

  const installation: Installation = {
    answers: () => installed,
    need() {
      if (installed) return installed;
      throw new Problem({
        code: "install.not-installed",
        says: "Nothing is installed yet.",
        remedy: sentence("Run npm run setup and follow the page."),
      });
    },
    watching: () => watching,
    lookAgain: async (id) => watching?.monitor.lookAgain(id),
    async adopt(answers) {
      installed = answers;
      await records.write(paths.installation, answers);
      await installation.beginWatching();
    },
    async beginWatching() {
      const answers = installation.need();
      await watching?.close();
      watching = await watch({ world: world(answers), questions: questionsFor(answers, held), onBug });
    },
    async settle() {
      // The rows of a backup are in the database by now.
      await files.removeTree(paths.opened);
      await installation.beginWatching();
      const here = world(installation.need());
      await rememberCheckout(here).catch((thrown: unknown) => onBug(thrown, "remembering the checkout"));
    },
    async endWatching() {
      await watching?.close();
      watching = undefined;
    },
    async forget() {
      installed = undefined;
      await files.remove(paths.installation);
      await files.remove(paths.draft);
      await files.removeTree(paths.opened);
    },
  };
  return installation;
}
