import type { Secrets } from "../engine/step.ts";
import { type Answers, answerIssues, answers, answersFile, unknownAnswers } from "../install/answers.ts";
import { withOffers, worldOffers } from "../install/offers.ts";
import { keyFileText } from "../kalshi/key/forms.ts";
import type { StatePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import { rehearsalPlaces } from "../rehearsal/world/places.ts";
import { readIfThere, readNamedBytes, readNamedFile } from "../server/state/private-file.ts";

/** What an answers file gives: the answers themselves, and the secrets from the files that it names. */
export interface GivenAnswers {
  answers: Answers;
  secrets: Secrets;
}

/** A path as answers have it: ~/ is the person's own folder. */
function atHome(path: string, home: string): string {
  return path.startsWith("~/") ? `${home}/${path.slice(2)}` : path;
}

/** A secret's text: one newline at the end belongs to the editor, every other blank to the secret. */
function readSecret(
  path: string | undefined,
  what: string,
  home: string,
  textOf = (bytes: Buffer) => bytes.toString("utf8"),
): string | undefined {
  if (path === undefined) return undefined;
  const text = textOf(readNamedBytes(atHome(path, home), what, { secret: true })).replace(/\r?\n$/, "");
  if (text === "")
    throw new Problem({
      code: "file.empty",
      says: `${what} ${path} is empty.`,
      remedy: sentence("Write the secret into it and start again."),
    });
  return text;
}

/** What the world of this state offers by name; a world that is not made yet offers nothing. */
function offersOf(paths: StatePaths) {
  const text = readIfThere(rehearsalPlaces(paths).offers);
  return text === undefined ? {} : worldOffers.parse(JSON.parse(text));
}

/** Answers of which some ask for what the world of this state offers. @throws Problem `answers.not-offered` */
export function offeredAnswers(given: object, paths: StatePaths): Answers {
  return answers.parse(withOffers(given, offersOf(paths)));
}

/**
 * Reads an answers file with the schema of the wizard, and the secret files that it names. "{offered:NAME}" stands for
 * what the world of this state offers, once it is made.
 * @throws Problem `answers.not-json`, `answers.not-offered`, `answers.not-usable` (naming every answer that is wrong), or
 *   those of the files.
 */
export function readAnswersFile(path: string, home: string, paths: StatePaths): GivenAnswers {
  const text = readNamedFile(path, "The answers file");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // The message of JSON.parse quotes the file, which may hold more than it should.
    const where = /position (\d+)/.exec(String(error))?.[1];
    throw new Problem({
      code: "answers.not-json",
      says: `The answers file ${path} is not JSON${where ? ` (at character ${where})` : ""}.`,
      remedy: sentence("Correct it and start again."),
    });
  }
  const offered = withOffers(json, offersOf(paths));
  const parsed = answersFile.safeParse(offered);
  const names = Object.fromEntries(Object.keys(answersFile.shape).map((name) => [name, null]));
  const unknown = unknownAnswers(offered, parsed.success ? parsed.data : names);
  if (!parsed.success || unknown.length > 0) {
    const issues = [
      ...(parsed.success ? [] : answerIssues(parsed.error)).map(({ path: at, says }) => (at ? `${at}: ${says}` : says)),
      ...unknown.map((name) => `${name}: There is no answer of this name.`),
    ];
    throw new Problem({
      code: "answers.not-usable",
      says: `The answers file ${path} is not usable: ${issues.join(" ")}`,
      remedy: sentence("Correct it and start again; nothing was changed."),
    });
  }
  const { secrets: files, ...given } = parsed.data;
  const kalshiPrivateKey = readSecret(
    files.kalshiPrivateKeyFile,
    "The file of the Kalshi private key",
    home,
    keyFileText,
  );
  const loginPassword = readSecret(files.loginPasswordFile, "The file of the login password", home);
  const databaseAdminPassword = readSecret(
    files.databaseAdminPasswordFile,
    "The file of the database administrator's password",
    home,
  );
  const sourcePassword = readSecret(files.sourcePasswordFile, "The file of the source's password", home);
  return {
    answers: answers.parse(given),
    secrets: {
      ...(kalshiPrivateKey === undefined ? {} : { kalshiPrivateKey }),
      ...(loginPassword === undefined ? {} : { loginPassword }),
      ...(databaseAdminPassword === undefined ? {} : { databaseAdminPassword }),
      ...(sourcePassword === undefined ? {} : { sourcePassword }),
    },
  };
}
