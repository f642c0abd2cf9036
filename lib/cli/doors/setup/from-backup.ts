import { resolve } from "node:path";
import type { Manifest } from "../../../backup/contents.ts";
import { type OpenedBackup, openBackup } from "../../../backup/open-backup.ts";
import { checkSealed } from "../../../backup/sealed/sealed.ts";
import { headOf } from "../../../checkout/git/git.ts";
import { type Answers, answers } from "../../../install/answers.ts";
import { checkoutRoot } from "../../../install/real-world.ts";
import { localMachine } from "../../../machine/local-machine.ts";
import type { Machine } from "../../../machine/machine.ts";
import { Problem, sentence } from "../../../problem.ts";
import { rehearsalPlaces } from "../../../rehearsal/world/places.ts";
import { bringKey, knownChoice } from "../../../rehearsal/world/record.ts";
import { readIfThere } from "../../../server/state/private-file.ts";
import { agreed } from "../../agree.ts";
import { type GivenAnswers, offeredAnswers, readAnswersFile } from "../../answers-file.ts";
import type { DoorContext, Outcome } from "../../door.ts";
import { endOnInterrupt } from "../../follow.ts";
import { ensureServer } from "../../page.ts";
import { passphraseOf } from "../../passphrase.ts";
import { carriedOut } from "./from-answers.ts";

function problem(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `backup.${code}`, says, remedy: sentence(remedy) });
}

/** What is installed here already: nothing, or an unfinished beginning with this very backup. @throws Problem */
function checkNothingElse({ paths }: DoorContext, madeAt?: string): void {
  const text = readIfThere(paths.installation);
  if (text === undefined) return;
  const { moved } = answers.pick({ moved: true }).parse(JSON.parse(text));
  if (moved && (madeAt === undefined || moved.madeAt === madeAt) && readIfThere(paths.moved) === undefined) return;
  throw problem(
    "installation-here",
    "Something is installed here already, and a backup does not take its place.",
    "Take it back first with npm run uninstall, or name another folder with --state. Nothing was changed.",
  );
}

/** The checkout on this machine: the one that is named, the one where it was, else the same commit cloned there. */
async function checkoutHere(
  context: DoorContext,
  machine: Machine,
  { answers: was, checkout }: Manifest,
): Promise<Answers["checkout"]> {
  const named = context.values.get("--checkout");
  const path = named === undefined ? checkoutRoot(was.checkout, context.settings.home) : resolve(named);
  const commit = await headOf(machine, path);
  if (commit !== undefined && checkout.commit !== undefined && commit !== checkout.commit)
    context.say(`The checkout here is at ${commit}; it was ${checkout.commit} when the backup was made.`);
  if (named !== undefined || commit !== undefined || (await machine.files.facts(path))) return { kind: "path", path };
  if (checkout.remote && checkout.commit)
    return { kind: "clone", url: checkout.remote, commit: checkout.commit, into: path };
  throw problem(
    "checkout-missing",
    `There is no checkout at ${path}, and the backup does not know where to clone it from.`,
    "Name it with --checkout DIR. Nothing was changed.",
  );
}

/** The old answers as they are true here. */
async function answersHere(context: DoorContext, machine: Machine, opened: OpenedBackup): Promise<GivenAnswers> {
  const { manifest, kalshiPrivateKey } = opened;
  const moved = { madeAt: manifest.madeAt, machine: manifest.machine };
  const secrets = kalshiPrivateKey === undefined ? {} : { kalshiPrivateKey };
  const file = context.values.get("--answers");
  if (file !== undefined) {
    const given = readAnswersFile(file, context.settings.home, context.paths);
    return { answers: { ...given.answers, moved }, secrets: { ...secrets, ...given.secrets } };
  }
  if (context.kind === "rehearsal") {
    // Its checkout, its ports and its source are its own; what it is asked for is the other's.
    const place = {
      checkout: { kind: "path", path: "{offered:checkout}" },
      database: { kind: "embedded", port: "{offered:database-port}" },
      data: { kind: manifest.answers.data.kind === "none" ? "none" : "archive" },
    };
    return { answers: offeredAnswers({ ...manifest.answers, ...place, moved }, context.paths), secrets };
  }
  const checkout = await checkoutHere(context, machine, manifest);
  return { answers: answers.parse({ ...manifest.answers, checkout, moved }), secrets };
}

/** The exchange of a rehearsal is to know the key that comes with the backup. @throws Problem where it has another one */
async function bringKeyAlong({ kind, paths }: DoorContext, machine: Machine, opened: OpenedBackup): Promise<void> {
  const { kalshi } = opened.manifest.answers;
  if (kind !== "rehearsal" || kalshi.kind !== "key" || opened.kalshiPrivateKey === undefined) return;
  const places = rehearsalPlaces(paths);
  const known = await knownChoice(machine, places);
  if (!known) return bringKey(machine, places, { keyId: kalshi.keyId, pem: opened.kalshiPrivateKey });
  if (known.keyId === kalshi.keyId) return;
  throw problem(
    "rehearsal-here",
    "There is a rehearsal here already, and its exchange does not know the key of the backup.",
    "Leave it first with npm run uninstall -- --rehearsal, or name another folder with --state. Nothing was changed.",
  );
}

/** Where somebody is there, he is asked before anything is changed; else the command is his consent, as an answers file is. */
async function agree(): Promise<void> {
  if (await agreed("Carry this out?")) return;
  throw problem("not-agreed", "Nothing was changed.", "Run the command again when you want it carried out.");
}

/**
 * Makes this machine the installation of a backup. What is wrong with the file is told before anything is started; new
 * orders stay impossible until the person says that the old installation no longer trades.
 */
export async function setUpFromBackup(context: DoorContext, file: string): Promise<Outcome> {
  const { paths, say } = context;
  const machine = localMachine({ stateFolder: paths.state });
  const path = (await machine.files.realPath(resolve(file))) ?? resolve(file);
  await checkSealed(machine.files, path);
  checkNothingElse(context);
  const passphrase = await passphraseOf(context, { twice: false });
  try {
    const opened = await openBackup(machine, path, passphrase, paths.opened);
    const { manifest } = opened;
    checkNothingElse(context, manifest.madeAt);
    if (manifest.world !== context.kind)
      throw problem(
        "other-world",
        manifest.world === "rehearsal"
          ? "This is the backup of a rehearsal."
          : "This is the backup of a real installation, and a rehearsal is no place for its key.",
        manifest.world === "rehearsal"
          ? "Add --rehearsal. Nothing was changed."
          : "Leave out --rehearsal. Nothing was changed.",
      );
    const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
    say(
      `The backup was made on ${manifest.machine} at ${manifest.madeAt}: ${rows} rows of ${manifest.database.tables.length} tables.`,
    );
    await bringKeyAlong(context, machine, opened);
    // A wrong answer is told before a server is started, but where the answers ask for what only a made world offers.
    let given = context.kind === "real" ? await answersHere(context, machine, opened) : undefined;
    endOnInterrupt(context, 130);
    const status = await ensureServer(context, "setup");
    given ??= await answersHere(context, machine, opened);
    const outcome = await carriedOut(context, status, given, { say, ...(context.interactive ? { agree } : {}) });
    const told =
      "No order passes here before you say that the other installation no longer trades: npm run trading -- confirm-move.";
    return { ...outcome, lines: [...outcome.lines, told] };
  } catch (thrown) {
    // A run that was begun goes on from what was taken out; nothing else needs it.
    if (readIfThere(paths.installation) === undefined) {
      await machine.files.removeTree(paths.opened);
      await machine.files.removeFolder(paths.state);
    }
    throw thrown;
  }
}
