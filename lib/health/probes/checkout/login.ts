import { compare } from "bcryptjs";
import { z } from "zod";
import { userInfoFile } from "../../../checkout/profile.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy } from "../../../problem.ts";
import type { World } from "../../../world.ts";

export interface LoginRowFacts {
  /** How the row's password is stored, or that there is no row. */
  stored: "no row" | "none" | "in clear" | "not bcrypt" | "admin" | "bcrypt";
  /** True where the row's user_id is the one of the answers. */
  ofThisPerson: boolean;
  /** The profile's file, which main_app falls back to when the database cannot be asked. */
  fallback: "absent" | "open" | "guessable" | "closed";
}

const repair = repairedBy("create-login", "Give the password again and have the login created.");
const object = "users.user_info_0001.password_hash";

export function judgeLoginRow({ stored, ofThisPerson, fallback }: LoginRowFacts): Finding {
  const fail = (says: string): Finding => ({ level: "fail", says, remedy: repair, objects: [object] });
  if (stored === "no row")
    return fail("users.user_info_0001 has no row '0001': REC.IO lets admin in with the password admin.");
  if (!ofThisPerson)
    return fail("The login in users.user_info_0001 belongs to another user id than the one of this installation.");
  if (stored === "none") return fail("No password is stored, so nobody can log in.");
  if (stored === "in clear") return fail("The password is stored in clear (fallback_hash_).");
  if (stored === "not bcrypt") return fail("The password is stored in a form that REC.IO never accepts.");
  if (stored === "admin") return fail("The password is admin.");
  // While the database is down main_app reads the file, and takes admin for a password that is missing there.
  if (fallback === "absent")
    return fail("user_info.json is missing: with the database down, REC.IO lets admin in with the password admin.");
  if (fallback === "guessable")
    return fail("user_info.json holds no password of its own: with the database down, REC.IO takes admin for it.");
  if (fallback === "open") return fail("Other users of this machine may read user_info.json.");
  return {
    level: "ok",
    says: "The login is there, with a bcrypt hash that is not that of admin; with the database down nobody gets in.",
  };
}

/** How a password is stored, without the cost of a comparison. Pure. */
export function storedAs(hash: string | null | undefined): "none" | "in clear" | "not bcrypt" | "bcrypt" {
  if (!hash) return "none";
  if (hash.startsWith("fallback_hash_")) return "in clear";
  return /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash) ? "bcrypt" : "not bcrypt";
}

const userInfo = z.looseObject({ password: z.string().optional() });

/** Shorter than this could be tried; what we write is 43 characters of chance. */
const leastCharacters = 8;

/** The password of user_info.json is a text that nobody guesses. Pure. */
export function fallbackIsClosed(text: string): boolean {
  try {
    const { password } = userInfo.parse(JSON.parse(text));
    return password !== undefined && password.length >= leastCharacters && !/^admin/i.test(password);
  } catch {
    // What main_app cannot read it replaces by admin and admin.
    return false;
  }
}

async function fallbackOf({
  machine,
  checkout,
}: Pick<World, "machine" | "checkout">): Promise<LoginRowFacts["fallback"]> {
  const path = userInfoFile(checkout);
  const text = await machine.files.read(path);
  if (text === undefined) return "absent";
  if (!fallbackIsClosed(text)) return "guessable";
  return (((await machine.files.facts(path))?.mode ?? 0) & 0o077) === 0 ? "closed" : "open";
}

export interface LoginRow {
  user_id: string;
  hash: string | null;
}

/** The one row that REC.IO reads, or undefined. The hash stays in memory. */
export async function readLoginRow(
  { postgres }: Pick<World, "postgres">,
  signal?: AbortSignal,
): Promise<LoginRow | undefined> {
  const [row] = await postgres.query<LoginRow>(
    "app",
    "SELECT user_id, password_hash AS hash FROM users.user_info_0001 WHERE user_no = '0001'",
    [],
    signal ? { signal } : {},
  );
  return row;
}

/** The login as it stands in the database, and the way round it. That it really lets in is a proof's to show. */
export function loginProbe(answers: Pick<Answers, "person">): AnyProbe {
  // A comparison takes a third of a second of computing, so it is done once a hash.
  let compared: { hash: string; isAdmin: boolean } | undefined;
  const isAdmin = async (hash: string): Promise<boolean> => {
    if (compared?.hash !== hash) compared = { hash, isAdmin: await compare("admin", hash) };
    return compared.isAdmin;
  };
  return probe({
    id: "login-row",
    title: "The login is there, and admin is no way in",
    group: "Safety",
    label: "machine",
    everyMs: 10_000,
    async collect(world: Pick<World, "postgres" | "machine" | "checkout">, signal): Promise<LoginRowFacts> {
      const row = await readLoginRow(world, signal);
      const fallback = await fallbackOf(world);
      if (!row) return { stored: "no row", ofThisPerson: false, fallback };
      const kind = storedAs(row.hash);
      const stored = kind === "bcrypt" && row.hash && (await isAdmin(row.hash)) ? "admin" : kind;
      return { stored, ofThisPerson: row.user_id === answers.person.userId, fallback };
    },
    judge: judgeLoginRow,
  });
}
