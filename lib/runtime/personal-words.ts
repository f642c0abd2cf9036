import type { Answers } from "../install/answers.ts";
import { checkoutRoot } from "../install/real-world.ts";
import type { StatePaths } from "../paths.ts";
import type { Settings } from "../settings.ts";

const everybodys = new Set(["127.0.0.1", "localhost", "::1", "/", "/root", "postgres"]);

/** What is the person's own in the answers and on this machine, and must not be told to whoever asks without a session. Pure. */
export function personalWords(answers: Answers | undefined, paths: StatePaths, settings: Settings): string[] {
  const own = [paths.state, settings.home];
  if (answers) {
    const { person, kalshi, database } = answers;
    own.push(person.userId, person.fullName, person.email, checkoutRoot(answers.checkout, settings.home));
    if (person.phone) own.push(person.phone);
    if (kalshi.kind === "key") own.push(kalshi.keyId, ...(kalshi.email ? [kalshi.email] : []));
    if (database.kind === "server")
      own.push(database.host, database.adminUser, ...(database.caFile ? [database.caFile] : []));
  }
  return own.filter((word) => !everybodys.has(word));
}
