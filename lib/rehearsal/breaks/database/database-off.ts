import { atOnce, type Break } from "../break.ts";
import { answerOf, stateOf } from "../claims.ts";

/** PostgreSQL is stopped. The programs go on RUNNING, and their health checks do not ask for it. */
export const databaseOff: Break = {
  name: "database-off",
  title: "The database is switched off",
  expects: {
    probes: ["database-answers"],
    level: "fail",
    cause: /Nothing answers at|No PostgreSQL answers|PostgreSQL/,
  },
  withinMs: atOnce,
  remedy: { stepId: "start-postgres", says: "Start PostgreSQL" },
  claims: async ({ world }) => [await stateOf(world, "main_app"), await answerOf(world, "main_app", "/health")],
  throw: ({ world }) => world.postgres.embedded.stop(),
  async mend({ world, repair }) {
    await world.postgres.embedded.start(() => {});
    await world.postgres.forget();
    // Programs that end without a database were started again and again, until supervisord gave up.
    const down = (await world.supervisor.programs()).some(({ state }) => state !== "RUNNING");
    if (down) await repair("start-services");
  },
};
