import { type Break, soon } from "../break.ts";
import { stateOf } from "../claims.ts";

const prefix = "fallback_hash_";

/** What REC.IO stores where bcrypt cannot be imported: a prefix and then the password, and a log line that all went well. */
export const passwordInClear: Break = {
  name: "password-in-clear",
  title: "A bcrypt hash made without bcrypt",
  expects: { probes: ["login-row"], level: "fail", cause: /in clear/ },
  withinMs: soon,
  claims: async ({ world }) => [await stateOf(world, "main_app")],
  throw: async ({ world }) => {
    await world.postgres.query(
      "app",
      "UPDATE users.user_info_0001 SET password_hash = $1 || password_hash WHERE password_hash NOT LIKE $1 || '%'",
      [prefix],
    );
  },
  mend: async ({ world }) => {
    await world.postgres.query(
      "app",
      "UPDATE users.user_info_0001 SET password_hash = replace(password_hash, $1, '')",
      [prefix],
    );
  },
};
