import { environmentOfPrograms } from "../../../supervisor/desired-configuration.ts";
import { type Break, soon } from "../break.ts";
import { stateOf } from "../claims.ts";
import { unhideColumn } from "./renamed.ts";

const script = "scripts/update_tables.py";

/** A file of statements is run as psql runs it: some fail, the end is 0, and a column is gone. */
export const failedStatements: Break = {
  name: "failed-statements",
  title: "A schema update ends with 0, its statements failed",
  expects: { probes: ["schema-contract"], level: "fail", cause: /users\.trade_logs_0001\.message/ },
  withinMs: soon,
  remedy: { stepId: "apply-schema", says: "Add what is missing" },
  claims: async ({ world }) => [await stateOf(world, "trade_manager")],
  async throw({ world }) {
    const { code, stdout } = await world.machine.exec(world.checkout.python, ["-B", world.checkout.at(script)], {
      cwd: world.checkout.root,
      env: await environmentOfPrograms(world),
      timeoutMs: 10_000,
    });
    const error = stdout.split("\n").find((line) => line.startsWith("ERROR"));
    return [{ who: script, says: `ended with ${code}${error ? `, having printed ${error}` : ""}`, good: code === 0 }];
  },
  mend: ({ world }) => unhideColumn(world.postgres, "users", "trade_logs_0001", "message"),
};
