import { randomBytes } from "node:crypto";
import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { askProgram, fields, jsonOf } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { oneShot } from "../means/one-shot.ts";
import { programProof, readLog } from "../means/program-proof.ts";

/** What main_app said to one login. `refused`: its own sentence for a wrong name or password. */
export type LoginAnswer = "let in" | "refused" | { error: string };

export interface LoginFacts {
  wrongPassword: LoginAnswer;
  admin: LoginAnswer;
  /** `user_id` of GET /api/user/info is the installed person's; "admin" is what it says where there is no such row. */
  knowsPerson: "yes" | "admin" | "somebody else";
  /** How the password is stored. */
  hash: "bcrypt" | "fallback" | "other" | "none";
  /** Can the interpreter that runs main_app check a bcrypt hash? */
  bcryptChecks: boolean;
  /** Only where the password is in memory: the right login, whether /app then opened, and whether the logout was taken. */
  right?: { login: LoginAnswer; app: number; loggedOut: boolean };
}

const repairLogin = repairedBy("create-login", "Create the login anew.");

function word(answer: LoginAnswer): string {
  return typeof answer === "string" ? answer : `error: ${answer.error}`;
}

export function judgeLogin(facts: LoginFacts): Finding {
  const evidence = {
    asked: `POST /api/auth/login with a wrong password, with admin/admin${facts.right ? ", with the right one" : ""}; GET /api/user/info`,
    cameBack: `wrong ${word(facts.wrongPassword)}; admin ${word(facts.admin)}${facts.right ? `; right ${word(facts.right.login)}, /app ${facts.right.app}` : ""}; stored as ${facts.hash}`,
  };
  const object = "users.user_info_0001.password_hash";
  const fail = (says: string, remedy = repairLogin): Finding => ({
    level: "fail",
    says,
    objects: [object],
    evidence,
    remedy,
  });
  if (facts.admin === "let in")
    return fail("admin with the password admin is let in: REC.IO finds no user of its own.");
  if (facts.wrongPassword === "let in") return fail("A wrong password is let in.");
  if (facts.knowsPerson === "admin") return fail("main_app knows no user: it takes everybody for admin.");
  if (facts.knowsPerson === "somebody else") return fail("main_app knows another user than the installed one.");
  for (const answer of [facts.wrongPassword, facts.admin])
    if (typeof answer === "object") return fail(`The login itself is broken: ${answer.error}.`, readLog("main_app"));
  if (facts.hash === "fallback") return fail("The password is stored in clear (fallback_hash_).");
  if (facts.hash !== "bcrypt")
    return fail(
      facts.hash === "none"
        ? "No password is stored, so nobody can log in."
        : "The password is stored in a form that REC.IO never accepts.",
    );
  if (!facts.bcryptChecks)
    return fail(
      "bcrypt cannot be used by main_app's Python, so the stored password never matches.",
      repairedBy("create-python-environment", "Install bcrypt for Python."),
    );
  if (!facts.right)
    return {
      level: "ok",
      says: "A wrong password and admin/admin are refused, and your password's hash can be checked. The right password is not kept here, so it was not tried.",
      evidence,
    };
  if (facts.right.login !== "let in") return fail("The right password is refused.");
  if (facts.right.app !== 200)
    return fail(`After the login, /app answers ${facts.right.app} instead of opening.`, readLog("main_app"));
  if (!facts.right.loggedOut) return fail("The logout is not taken.", readLog("main_app"));
  return { level: "ok", says: "The right password is let in; a wrong one and admin/admin are refused.", evidence };
}

const program = "main_app";

/** The answer to a login as a word. Anything but its one regular refusal is an error. Pure. */
export function loginAnswer(body: unknown): LoginAnswer {
  const { success, error } = fields(body);
  if (success === true) return "let in";
  if (success === false && error === "Invalid username or password") return "refused";
  return { error: typeof error === "string" ? error : "an answer without success" };
}

export function hashKind(stored: string | null | undefined): LoginFacts["hash"] {
  if (!stored) return "none";
  if (stored.startsWith("fallback_hash_")) return "fallback";
  return /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(stored) ? "bcrypt" : "other";
}

async function post(
  world: Pick<World, "checkout">,
  path: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<unknown> {
  return jsonOf(await askProgram(world, { program, method: "POST", path, body, timeoutMs: 10_000 }, signal), true);
}

async function rightLogin(
  world: Pick<World, "checkout">,
  username: string,
  password: string,
  signal: AbortSignal,
): Promise<NonNullable<LoginFacts["right"]>> {
  const body = await post(world, "/api/auth/login", { username, password, rememberDevice: false }, signal);
  const login = loginAnswer(body);
  const { token, deviceId } = fields(body);
  if (login !== "let in" || typeof token !== "string" || typeof deviceId !== "string")
    return { login, app: 0, loggedOut: false };
  const page = await askProgram(world, { program, method: "GET", path: "/app", query: { token, deviceId } }, signal);
  const out = fields(await post(world, "/api/auth/logout", { token, deviceId }, signal)).success === true;
  const still = fields(await post(world, "/api/auth/verify", { token, deviceId }, signal)).authenticated;
  return { login, app: page.status, loggedOut: out && still === false };
}

/**
 * @param password gives the login password while the runtime holds it in memory (during the run that sets it), and
 *   undefined for ever after: it is stored nowhere.
 */
export function loginProof(answers: Answers, password: () => string | undefined = () => undefined): AskedQuestion {
  return programProof<"settings" | "postgres" | "checkout" | "machine" | "paths" | "supervisor">(answers, {
    id: "main-app-login",
    title: "The installed user can log in, and nobody else",
    program,
    group: "Safety",
    everyMs: 900_000,
    prove: async (world, signal) => {
      const userId = answers.person.userId;
      const login = async (username: string, guess: string) =>
        loginAnswer(await post(world, "/api/auth/login", { username, password: guess, rememberDevice: false }, signal));
      const wrongPassword = await login(userId, `no-${randomBytes(12).toString("base64url")}`);
      const admin = await login("admin", "admin");
      const info = fields(
        jsonOf(await askProgram(world, { program, method: "GET", path: "/api/user/info" }, signal)),
      ).user_id;
      const [row] = await world.postgres.query<{ hash: string | null }>(
        "app",
        "SELECT password_hash AS hash FROM users.user_info_0001 WHERE user_no = '0001'",
        [],
        { signal },
      );
      const bcryptChecks = await oneShot(
        world,
        program,
        "try:\n    import bcrypt\n    answer(bool(bcrypt.checkpw(b'canary', bcrypt.hashpw(b'canary', bcrypt.gensalt(4)))))\nexcept ImportError:\n    answer(False)\n",
        signal,
      );
      const given = password();
      return judgeLogin({
        wrongPassword,
        admin,
        knowsPerson: info === userId ? "yes" : info === "admin" ? "admin" : "somebody else",
        hash: hashKind(row?.hash),
        bcryptChecks: bcryptChecks === true,
        ...(given === undefined ? {} : { right: await rightLogin(world, userId, given, signal) }),
      });
    },
  });
}

/** A hole of the checkout's own: any token that begins with local_dev_ counts as a login. */
export function judgeBypass(authenticated: unknown): Finding {
  const evidence = {
    asked: "POST /api/auth/verify with an invented token local_dev_…",
    cameBack: `authenticated: ${String(authenticated)}`,
  };
  if (authenticated === false) return { level: "ok", says: "An invented token is refused.", evidence };
  return {
    level: "warn",
    says: "REC.IO takes any token that begins with local_dev_ for a login; only this machine can reach it.",
    evidence,
    remedy: sentence("Let only people you trust use this machine, and do not open REC.IO's ports."),
  };
}

export function loginBypassProof(answers: Answers): AskedQuestion {
  return programProof<"checkout">(answers, {
    id: "main-app-login-bypass",
    title: "An invented token is no login",
    program,
    group: "Safety",
    label: "checkout",
    everyMs: 900_000,
    need: "no",
    prove: async (world, signal) =>
      judgeBypass(
        fields(await post(world, "/api/auth/verify", { token: "local_dev_canary", deviceId: "canary" }, signal))
          .authenticated,
      ),
  });
}
