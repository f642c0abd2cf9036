import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";

/** The row of the login is not found; REC.IO then lets admin in with the password admin. */
export const adminAdmin: Break = {
  name: "admin-admin",
  title: "admin / admin can log in",
  expects: { probes: ["login-row"], level: "fail", cause: /admin/ },
  withinMs: soon,
  claims: async ({ world }) => {
    const tried = await answerOf(world, "main_app", "/api/auth/login", { username: "admin", password: "admin" });
    // What it answers holds a token, which is nobody's business.
    const says = /"success": ?true/.test(tried.says) ? "200, logged in as admin" : tried.says;
    return [await stateOf(world, "main_app"), { ...tried, says }];
  },
  throw: async ({ world }) => {
    await world.postgres.query("app", "UPDATE users.user_info_0001 SET user_no = 'hidden' WHERE user_no = '0001'");
  },
  mend: async ({ world }) => {
    await world.postgres.query("app", "UPDATE users.user_info_0001 SET user_no = '0001' WHERE user_no = 'hidden'");
  },
};
