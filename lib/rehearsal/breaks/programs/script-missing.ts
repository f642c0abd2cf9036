import { type Break, soon } from "../break.ts";
import { stateOf } from "../claims.ts";

const script = "backend/strike_table_generator.py";
const away = "backend/strike_table_generator.py.hidden_by_rehearsal";

/** The generator of the supervisor's list still ends with 0 and names a program whose script is gone. */
export const scriptMissing: Break = {
  name: "script-missing",
  title: "A generator ends with 0, its script missing",
  expects: { probes: ["checkout-programs"], level: "fail", cause: /strike_table_generator/ },
  withinMs: soon,
  claims: async ({ world, generate }) => {
    const code = await generate();
    return [
      await stateOf(world, "strike_table_generator"),
      { who: "generate_unified_supervisor_config.py", says: `ended with ${code}`, good: code === 0 },
    ];
  },
  throw: ({ world: { machine, checkout } }) => machine.files.rename(checkout.at(script), checkout.at(away)),
  async mend({ world: { machine, checkout } }) {
    if (await machine.files.facts(checkout.at(away)))
      await machine.files.rename(checkout.at(away), checkout.at(script));
  },
};
