import { type Break, soon } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";

/** Somebody with an administrator's rights takes the order lock out of the way and arms automated entry. */
export const autoEntryArmed: Break = {
  name: "auto-entry-armed",
  title: "Auto entry is switched on behind our back",
  expects: { probes: ["order-lock-holds"], level: "fail", cause: /Automated entry is on/ },
  withinMs: soon,
  apartFrom: ["auto-entry-asked"],
  remedy: { stepId: "hold-new-orders", says: "Hold new orders again" },
  claims: async ({ world }) => [
    await stateOf(world, "auto_entry_supervisor"),
    await answerOf(world, "main_app", "/api/get_auto_entry_status"),
  ],
  async throw({ world }) {
    const { database } = world.postgres.target;
    await world.postgres.withTransaction(
      "admin",
      async (session) => {
        await session.query("ALTER TABLE users.auto_trade_settings_0001 DISABLE TRIGGER zz_order_lock");
        await session.query("UPDATE users.auto_trade_settings_0001 SET auto_entry = true WHERE id = 1");
      },
      { database },
    );
  },
  async mend({ world, repair }) {
    const [row] = await world.postgres.query<{ armed: boolean }>(
      "app",
      "SELECT auto_entry AS armed FROM users.auto_trade_settings_0001 WHERE id = 1",
    );
    if (row?.armed) await repair("hold-new-orders");
  },
};
