import { Problem, sentence } from "../problem.ts";
import { readNamedFile } from "../server/state/private-file.ts";
import { askSecret } from "./ask-secret.ts";
import type { DoorContext } from "./door.ts";

/**
 * A passphrase: from the 0600 file that --passphrase-file names, else asked for at the terminal, where `twice` asks a
 * second time. It stands in no argument and no environment, where other users of the machine could read it.
 * @throws Problem where nobody can be asked, or both were not the same.
 */
export async function passphraseOf(context: DoorContext, { twice }: { twice: boolean }): Promise<string> {
  const file = context.values.get("--passphrase-file");
  if (file !== undefined)
    return readNamedFile(file, "The file of the passphrase", { secret: true }).replace(/\r?\n$/, "");
  if (!context.interactive)
    throw new Problem({
      code: "backup.passphrase-missing",
      says: "There is nobody here who could be asked for the passphrase.",
      remedy: sentence("Write it into a file of mode 0600, and name that with --passphrase-file."),
    });
  const passphrase = await askSecret("Passphrase of the backup: ");
  if (!twice || (await askSecret("The same once more: ")) === passphrase) return passphrase;
  throw new Problem({
    code: "backup.passphrase-unlike",
    says: "The two passphrases were not the same.",
    remedy: sentence("Run the command again; nothing was written."),
  });
}
