import { lock } from "../../../postgres/order-lock.ts";
import { type Break, soon } from "../break.ts";
import { answerOf } from "../claims.ts";

/** A program switches automated entry on, as REC.IO's monitor does. It is told that it worked; the lock held. */
export const autoEntryAsked: Break = {
  name: "auto-entry-asked",
  title: "A program arms trading, and is told “ok”",
  // REC.IO's own monitor tries by itself whenever a program comes back: that is not this one's doing.
  expects: {
    probes: ["order-lock-attempts"],
    level: "warn",
    cause: /held switch was to be changed(?!.*rec:system_monitor)/,
  },
  withinMs: soon,
  apartFrom: ["auto-entry-armed"],
  claims: async ({ world }) => [await answerOf(world, "main_app", "/api/get_auto_entry_status")],
  throw: async ({ world }) => {
    await world.postgres.query("app", "UPDATE users.auto_trade_settings_0001 SET auto_entry = true WHERE id = 1");
  },
  mend: async ({ world }) => {
    await lock(world.postgres);
  },
};
