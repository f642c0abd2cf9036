import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { hash as bcrypt, compare } from "bcryptjs";
import { userInfoFile } from "../../checkout/profile.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { fallbackIsClosed, loginProbe, readLoginRow, storedAs } from "../../health/probes/checkout/login.ts";
import { fingerprint } from "../../health/probes/checkout/profile-credentials.ts";
import { nothingThereYet } from "../../postgres/roles/administrator.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import { programsUser } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths" | "postgres">;

/** No hash and no password: fingerprints tell whether a thing is still as we made it. */
type Receipt = {
  readonly userId: string;
  readonly row: "inserted" | "rehashed" | "kept";
  readonly rowMark: string | null;
  readonly file: "made" | "closed" | "kept";
  readonly fileMark: string | null;
  /** Where the file that was there before is kept. */
  readonly before: string | null;
  readonly path: string;
};

/** As expensive as Python's own default, so that a change of password in REC.IO makes nothing weaker or stronger. */
const cost = 12;

/** bcrypt looks at no more; a newer bcrypt of Python's refuses longer passwords outright. */
const mostBytes = 72;

function problem(code: string, says: string, remedy: string): Problem {
  return new Problem({ code: `login.${code}`, says, remedy: sentence(remedy) });
}

/** @throws Problem where REC.IO could not check this password, or would let a guesser in. */
export function checkPassword(password: string | undefined): string {
  if (password === undefined)
    throw problem(
      "password-not-given",
      "The login password is not in memory.",
      "Give the password for logging in to REC.IO again and go on.",
    );
  if (Buffer.byteLength(password, "utf8") > mostBytes)
    throw problem(
      "password-too-long",
      `The password is longer than ${mostBytes} bytes, and bcrypt looks at no more.`,
      "Choose a shorter password.",
    );
  if (password.includes("\0"))
    throw problem(
      "password-not-usable",
      "The password holds a character that bcrypt cannot take.",
      "Choose another password.",
    );
  if (password.length < 8 || /^admin$/i.test(password))
    throw problem("password-too-weak", "The password has fewer than 8 characters.", "Choose a longer password.");
  return password;
}

/** First and last name as REC.IO shows them, each at most 50 characters. Pure. */
export function splitName(fullName: string): { first: string; last: string } {
  const words = fullName.trim().split(/\s+/);
  const last = words.length > 1 ? (words.pop() ?? "") : "";
  return { first: words.join(" ").slice(0, 50), last: last.slice(0, 50) };
}

async function writeRow(
  world: Needs,
  person: Answers["person"],
  password: string | undefined,
  signal: AbortSignal,
): Promise<Pick<Receipt, "row" | "rowMark">> {
  const { postgres } = world;
  const row = await readLoginRow(world, signal);
  if (row && row.user_id !== person.userId)
    throw problem(
      "row-of-somebody-else",
      "The database already holds the login of another user id.",
      "Choose that user id, or another database.",
    );
  if (row && storedAs(row.hash) === "bcrypt" && row.hash && !(await compare("admin", row.hash)))
    return { row: "kept", rowMark: null };
  const hash = await bcrypt(checkPassword(password), cost);
  if (!row) {
    const { first, last } = splitName(person.fullName);
    const values = [person.userId, first, last, person.email, person.phone ?? null, hash];
    const made = await postgres.query("app", sqlFile("login/insert.sql"), values, { signal });
    if (made.length === 1) return { row: "inserted", rowMark: fingerprint(hash) };
  } else {
    const changed = await postgres.query("app", sqlFile("login/replace-hash.sql"), [person.userId, hash, row.hash], {
      signal,
    });
    if (changed.length === 1) return { row: "rehashed", rowMark: fingerprint(hash) };
  }
  throw problem("row-changed-meanwhile", "Somebody else changed the login at this very moment.", "Try again.");
}

/**
 * Closes the way round: while the database is down, main_app compares with the password of this file, and with "admin"
 * where there is none. So it holds one that was thrown away the moment it was made.
 */
async function closeFallback(
  world: Needs,
  person: Answers["person"],
): Promise<Pick<Receipt, "file" | "fileMark" | "before" | "path">> {
  const { machine, checkout, paths } = world;
  const path = userInfoFile(checkout);
  const known = await machine.files.read(path);
  const facts = await machine.files.facts(path);
  if (known !== undefined && fallbackIsClosed(known) && ((facts?.mode ?? 0o777) & 0o077) === 0)
    return { file: "kept", fileMark: null, before: null, path };
  const nobodys = randomBytes(32).toString("base64url");
  const content = `${JSON.stringify({ user_id: person.userId, name: person.fullName, email: person.email, password: nobodys }, null, 2)}\n`;
  let before: string | null = null;
  if (known !== undefined) {
    before = join(paths.secrets, "user-info-before.json");
    await machine.files.makeFolder(paths.secrets, 0o700);
    if (!(await machine.files.facts(before))) await machine.files.write(before, known, 0o600);
  }
  await machine.files.write(path, content, 0o600, await programsUser(world));
  return { file: known === undefined ? "made" : "closed", fileMark: fingerprint(content), before, path };
}

async function takeFileBack({ machine }: Needs, { fileMark, before, path }: Receipt): Promise<boolean> {
  const now = await machine.files.read(path);
  const facts = (await machine.facts()).root ? await machine.files.facts(path) : undefined;
  if (now === undefined || fileMark === null) return true;
  // Where the earlier file is back already, what is kept of it is gone.
  if (fingerprint(now) !== fileMark) return before !== null && !(await machine.files.facts(before));
  const old = before === null ? undefined : await machine.files.read(before);
  if (old === undefined) await machine.files.remove(path);
  else await machine.files.write(path, old, 0o600, facts && { uid: facts.uid, gid: facts.gid });
  if (before !== null) await machine.files.remove(before);
  return true;
}

/** The row is taken back only where it is ours and nobody changed it since. */
async function takeRowBack({ postgres }: Needs, { row, rowMark, userId }: Receipt): Promise<boolean> {
  if (row === "kept" || rowMark === null || (await nothingThereYet(postgres))) return true;
  return postgres.withTransaction("app", async (session) => {
    const [there] = await session.query<{ hash: string | null }>(
      "SELECT password_hash AS hash FROM users.user_info_0001 WHERE user_no = '0001' AND user_id = $1 FOR UPDATE",
      [userId],
    );
    // A hash that replaced an unsafe one stays: nobody wants the unsafe one back.
    if (!there || row === "rehashed") return true;
    if (fingerprint(there.hash ?? "") !== rowMark) return false;
    await session.query("DELETE FROM users.user_info_0001 WHERE user_no = '0001' AND user_id = $1", [userId]);
    return true;
  });
}

/** Makes the login that REC.IO asks for. Without its row REC.IO lets admin in with the password admin. */
export function createLogin(
  answers: Pick<Answers, "person">,
): Step<"machine" | "checkout" | "paths" | "postgres", Receipt> {
  const { person } = answers;
  return step({
    id: "create-login",
    title: "Create the login",
    why: "Without a login of its own REC.IO lets admin in with the password admin.",
    probes: [loginProbe(answers)],
    async describe(world): Promise<Change[]> {
      const changes: Change[] = [
        { what: "file", target: userInfoFile(world.checkout), detail: "0600, without your password" },
      ];
      const row: Change = {
        what: "rows",
        target: "users.user_info_0001",
        detail: `user_no '0001', user_id ${person.userId}, a bcrypt hash of your password`,
      };
      try {
        const there = await readLoginRow(world);
        return there && there.user_id === person.userId && storedAs(there.hash) === "bcrypt"
          ? changes
          : [row, ...changes];
      } catch (thrown) {
        // Before the first run there is no database to ask, and so there is no row in it.
        if (isProblem(thrown)) return [row, ...changes];
        throw thrown;
      }
    },
    async run(world, job): Promise<Receipt> {
      const path = userInfoFile(world.checkout);
      const row = await writeRow(world, person, job.secrets.loginPassword, job.signal);
      await job.spent({ userId: person.userId, ...row, file: "kept", fileMark: null, before: null, path });
      return { userId: person.userId, ...row, ...(await closeFallback(world, person)) };
    },
    undo: {
      async takeBack(world, receipt) {
        const file = await takeFileBack(world, receipt);
        const row = await takeRowBack(world, receipt);
        if (file && row) return;
        throw problem(
          "changed-since",
          `${row ? "user_info.json" : "The login's row"} changed since it was made, and stays.`,
          "Remove it yourself when it is not needed.",
        );
      },
    },
  });
}
