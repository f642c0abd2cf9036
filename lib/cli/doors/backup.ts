import { resolve } from "node:path";
import type { BackupMade } from "../../backup/make-backup.ts";
import { grouped } from "../../data/lookup-table.ts";
import { type Door, notUnderstood } from "../door.ts";
import { withHolder } from "../holder.ts";
import { passphraseOf } from "../passphrase.ts";

function lines(made: BackupMade): string[] {
  const { checkout } = made;
  return [
    `${made.file}: ${grouped(made.bytes)} bytes, ${grouped(made.rows)} rows of ${made.tables} tables. They were read back from the file into ${made.provenIn}: counts and hashes are equal.`,
    made.database,
    made.withKey ? "The Kalshi key is in it, and the answers." : "The answers are in it; there is no Kalshi key.",
    checkout.commit
      ? `The checkout was ${checkout.commit}${checkout.remote ? ` of ${checkout.remote}` : ""}; it is not in it.`
      : "The checkout was no git working tree; it is not in it.",
    ...(checkout.changed.length > 0
      ? [`What was changed in the checkout is not in it: ${checkout.changed.length} files.`]
      : []),
    ...made.leftOut,
    "On the other machine: npm run setup -- --from-backup FILE. Without the passphrase nobody can open it, you neither.",
  ];
}

/** One encrypted file with which another machine becomes this installation. */
export const backupDoor: Door = {
  name: "backup",
  usage: "--out FILE",
  says: "Writes one encrypted file with which another machine becomes this installation.",
  options: [
    { name: "--out", value: "FILE", says: "the file; one that is there is not overwritten" },
    { name: "--passphrase-file", value: "FILE", says: "its passphrase, in a file of mode 0600 (else asked for)" },
  ],
  positionals: [0, 0],
  async run(context) {
    const out = context.values.get("--out");
    if (out === undefined) throw notUnderstood("backup", "backup wants --out FILE.");
    const passphrase = await passphraseOf(context, { twice: true });
    const made = await withHolder(context, (holder) => holder.call("back-up", { out: resolve(out), passphrase }));
    return { exit: 0, json: made, lines: lines(made) };
  },
};
