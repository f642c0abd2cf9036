import { type Break, soon } from "../break.ts";
import { answerOf } from "../claims.ts";

/** The row of the preferences is gone; main_app answers with defaults as if the person had chosen them. */
export const silentDefaults: Break = {
  name: "silent-defaults",
  title: "200 OK, with defaults nobody chose",
  expects: { probes: ["seed-rows"], level: "fail", cause: /users\.trade_preferences_0001/ },
  withinMs: soon,
  remedy: { stepId: "seed-rows", says: "Insert the row" },
  claims: async ({ world }) => [await answerOf(world, "main_app", "/api/get_trade_preferences")],
  throw: async ({ world }) => {
    await world.postgres.query("app", "DELETE FROM users.trade_preferences_0001");
  },
  async mend({ world, repair }) {
    const rows = await world.postgres.query("app", "SELECT 1 FROM users.trade_preferences_0001 WHERE id = 1");
    if (rows.length === 0) await repair("seed-rows");
  },
};
