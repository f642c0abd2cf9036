import { userInfoFile } from "../../../checkout/profile.ts";
import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";

const hidden = ".hidden_by_rehearsal";

/** Neither the row of the login nor the file behind it is found; REC.IO then lets admin in with the password admin. */
export const adminAdmin: Break = {
  name: "admin-admin",
  title: "admin / admin can log in",
  expects: { probes: ["login-row"], level: "fail", cause: /admin/ },
  withinMs: soon,
  claims: async ({ world }) => {
    const tried = await answerOf(world, "main_app", "/api/auth/login", {
      post: { username: "admin", password: "admin" },
    });
    // What it answers holds a token, which is nobody's business.
    const says = /"success": ?true/.test(tried.says) ? "200, logged in as admin" : tried.says;
    return [await stateOf(world, "main_app"), { ...tried, says }];
  },
  async throw({ world }) {
    const file = userInfoFile(world.checkout);
    if (await world.machine.files.facts(file)) await world.machine.files.rename(file, `${file}${hidden}`);
    await world.postgres.query("app", "UPDATE users.user_info_0001 SET user_no = 'hidden' WHERE user_no = '0001'");
  },
  async mend({ world }) {
    const file = userInfoFile(world.checkout);
    if (await world.machine.files.facts(`${file}${hidden}`)) await world.machine.files.rename(`${file}${hidden}`, file);
    await world.postgres.query("app", "UPDATE users.user_info_0001 SET user_no = '0001' WHERE user_no = 'hidden'");
  },
};
