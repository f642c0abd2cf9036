import { Problem, sentence } from "../../problem.ts";

/**
 * How values are written into supervisord.conf. Facts from supervisor 4.2.5, read and tried:
 * - `%` starts an expansion in every value, so it is doubled.
 * - White space followed by `;` or `#` starts a comment, wherever it stands; there is no escape for it.
 * - `command` is split like a POSIX shell would, so quotes and backslashes work there.
 * - `environment` is split by a shlex that is not POSIX: no backslash escapes anything, and quotes of both kinds are
 *   stripped from both ends of a value. So a value that holds both kinds, or has one at an end, cannot be written there.
 */

const comment = /\s[;#]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
const control = /[\u0000-\u001f\u007f]/;

const doubled = (text: string) => text.replaceAll("%", "%%");

function refuse(what: string, value: string, why: string): never {
  throw new Problem({
    code: "supervisor.value-cannot-be-written",
    says: `${what} cannot be written into supervisord's configuration: it ${why}.`,
    remedy: sentence("Choose a folder without that character."),
    evidence: { asked: what, cameBack: value },
  });
}

/** A value that supervisord takes as it stands: a folder, a log file, a socket. Throws a Problem where that is impossible. */
export function plainValue(what: string, value: string): string {
  if (control.test(value)) refuse(what, value, "holds a control character");
  if (comment.test(value)) refuse(what, value, "holds white space followed by ; or #");
  if (value.trim() !== value) refuse(what, value, "begins or ends with white space");
  if (value.includes("%(here)s")) refuse(what, value, "holds %(here)s");
  return doubled(value);
}

/** One word of a command line. */
export function commandWord(word: string): string {
  if (control.test(word)) refuse("A word of a command", word, "holds a control character");
  if (/^[\w@%+=:,./-]+$/.test(word)) return doubled(word);
  const escaped = word.replace(/[\\"]/g, (character) => `\\${character}`);
  // Closing and opening the quotes again parts a blank from the ; or # behind it, so that no comment begins there.
  return doubled(`"${escaped.replace(/(\s)(?=[;#])/g, '$1""')}"`);
}

/** `NAME="value"`, or undefined where supervisord's parser has no way to carry this value. */
export function environmentPair(name: string, value: string): string | undefined {
  if (control.test(value)) refuse(`The variable ${name}`, value, "holds a control character");
  if (comment.test(value) || /^['"]|['"]$/.test(value)) return undefined;
  if (!value.includes('"')) return doubled(`${name}="${value}"`);
  if (!value.includes("'")) return doubled(`${name}='${value}'`);
  return undefined;
}
