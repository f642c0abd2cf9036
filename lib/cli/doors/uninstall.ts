import { isProblem, Problem, sentence } from "../../problem.ts";
import type { UninstallPlan } from "../../runtime.ts";
import { stopServer } from "../../server/start-server.ts";
import { forgetState } from "../../server/state/forget-state.ts";
import { isThere, readNamedFile } from "../../server/state/private-file.ts";
import { askSecret } from "../ask-secret.ts";
import { confirmed } from "../confirmed.ts";
import type { Door, DoorContext } from "../door.ts";
import { type Holder, withHolder } from "../holder.ts";

const passwordOption = "--admin-password-file";

/** The password of the database's administrator, where one is needed: from a file, or typed. It is kept nowhere. */
async function giveAdminPassword(
  context: DoorContext,
  holder: Holder,
  { administrator }: UninstallPlan,
): Promise<void> {
  if (!administrator) return;
  const { user, server } = administrator;
  const file = context.values.get(passwordOption);
  let given: string | undefined;
  if (file !== undefined) given = readNamedFile(file, "The file of the administrator's password", { secret: true });
  else if (context.interactive) given = await askSecret(`Password of ${user} at ${server}: `);
  // Where nobody gave one, the holder says what is missing, before anything is taken back.
  const databaseAdminPassword = given?.replace(/\r?\n$/, "");
  if (databaseAdminPassword) await holder.call("hold-secrets", { databaseAdminPassword });
}

/** Takes back; a missing password is told with the way to give it here. */
async function takeBack(holder: Holder) {
  try {
    return await holder.call("uninstall", {});
  } catch (thrown) {
    if (!isProblem(thrown) || thrown.code !== "database.password-missing") throw thrown;
    throw new Problem({
      code: thrown.code,
      says: `${thrown.says} Nothing was taken back.`,
      remedy: sentence(`Give it with ${passwordOption} FILE, or answer at the terminal.`),
    });
  }
}

const listed = (title: string, things: readonly string[]) =>
  things.length === 0 ? [] : [title, ...things.map((thing) => `  ${thing}`)];

/** Takes back what the receipts say we made, then the page and its state. */
export const uninstallDoor: Door = {
  name: "uninstall",
  usage: "[--yes] [--admin-password-file FILE]",
  says: "Lists what goes and what stays, then takes it back. Exit 0 if all was taken back.",
  options: [
    { name: "--yes", says: "ask nobody" },
    {
      name: passwordOption,
      value: "FILE",
      says: "the password of the administrator of a PostgreSQL server that is not ours",
    },
  ],
  positionals: [0, 0],
  async run(context) {
    const { paths, say } = context;
    if (!isThere(paths.state))
      return { exit: 0, json: { takenBack: [], left: [] }, lines: ["Nothing is installed: there is nothing to do."] };
    const work = async (holder: Holder) => {
      const plan = await holder.call("describe-uninstall", {});
      for (const line of [...listed("This goes:", plan.goes), ...listed("This stays:", plan.stays)]) say(line);
      if (!(await confirmed(context, "uninstall"))) return undefined;
      await giveAdminPassword(context, holder, plan);
      return { ...(await takeBack(holder)), stays: plan.stays };
    };
    const done = await withHolder(context, work, { leaving: true });
    if (!done)
      return {
        exit: 1,
        json: { takenBack: [], left: [], confirmed: false },
        lines: ["Nothing was taken back: it wants --yes, or the word uninstall."],
      };
    if (done.left.length > 0) {
      // The receipts and the page stay, so that what is left can be taken back later.
      return {
        exit: 1,
        json: done,
        lines: [
          ...listed("Taken back:", done.takenBack),
          ...listed(
            "Could not be taken back:",
            done.left.map(({ says }) => says),
          ),
        ],
      };
    }
    await stopServer(paths.state);
    const there = forgetState(paths);
    // Rows of a server that is not ours are the person's: they may be all that there is of what a repair changed.
    const kept = there.filter((place) => place === paths.backups);
    const left = there.filter((place) => place !== paths.backups);
    return {
      exit: left.length === 0 ? 0 : 1,
      json: { ...done, left, ...(kept.length > 0 ? { kept } : {}) },
      lines: [
        ...listed("Taken back:", done.takenBack),
        ...listed("Kept, because the rows in it are yours:", kept),
        ...listed("Left, because we did not make it:", left),
        left.length === 0 ? "Everything was taken back." : "The rest was taken back.",
      ],
    };
  },
};
