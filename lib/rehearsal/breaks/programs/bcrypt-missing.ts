import { join } from "node:path";
import { oneShot } from "../../../health/proofs/means/one-shot.ts";
import type { World } from "../../../world.ts";
import { type Break, soon } from "../break.ts";
import { stateOf } from "../claims.ts";

/** Stands before the real module and cannot be imported. */
const hider = "bcrypt.py";

/** The folder of packages in the interpreter's environment, which comes before the system's own. */
async function packagesOf({ machine, paths }: Pick<World, "machine" | "paths">): Promise<string> {
  const lib = join(paths.python, "lib");
  const [version] = (await machine.files.list(lib)).filter((name) => name.startsWith("python3."));
  return join(lib, version ?? "python3", "site-packages");
}

/** Python's bcrypt is gone: the hash that it made stays in its row, and the right password is refused for ever. */
export const bcryptMissing: Break = {
  name: "bcrypt-missing",
  title: "A bcrypt hash, and no bcrypt to check it",
  expects: { probes: ["python-packages"], level: "fail", cause: /bcrypt/ },
  withinMs: soon,
  remedy: { stepId: "create-python-environment", says: "Create the Python environment anew" },
  claims: async ({ world }) => {
    const lines = "import importlib.util\nanswer(importlib.util.find_spec('bcrypt') is not None)\n";
    const found = await oneShot(world, "main_app", lines, AbortSignal.timeout(5_000));
    return [
      await stateOf(world, "main_app"),
      {
        who: "Python, asked for a module bcrypt",
        says: found === true ? "it is there" : "not there",
        good: found === true,
      },
    ];
  },
  async throw({ world }) {
    const file = join(await packagesOf(world), hider);
    await world.machine.files.write(file, 'raise ImportError("hidden on purpose")\n', 0o644);
  },
  async mend({ world }) {
    await world.machine.files.remove(join(await packagesOf(world), hider));
  },
};
