import { localMachine } from "../machine/local-machine.ts";
import { createRuntime, type RuntimeOptions } from "../runtime/create.ts";
import type { Runtime } from "../runtime.ts";
import { prepareRehearsal } from "./world/prepare.ts";

/**
 * Makes the runtime of a server of either kind. A rehearsal is the same runtime in another world: its settings lead to
 * stand-ins, its wizard begins with answers that fit them, and what is uninstalled takes that world away with it.
 * @throws Problem where the state folder cannot be used or the world of a rehearsal cannot be made.
 */
export async function createAnyRuntime(options: RuntimeOptions): Promise<Runtime> {
  if (options.kind === "real") return createRuntime(options);
  const { paths, version } = options;
  const machine = localMachine({ stateFolder: paths.state });
  await machine.files.makeFolder(paths.state, 0o700);
  const rehearsal = await prepareRehearsal(options.settings, paths, machine, version);
  const runtime = await createRuntime({ ...options, settings: rehearsal.settings });
  const draft = async () => ({ ...rehearsal.draft, ...(await runtime.draft()) });

  if ((await runtime.installation()) === undefined) {
    const kalshiPrivateKey = await machine.files.read(rehearsal.places.kalshiKey);
    if (kalshiPrivateKey !== undefined) runtime.holdSecrets({ kalshiPrivateKey });
  }
  return {
    ...runtime,
    draft,
    saveDraft: async (patch) => runtime.saveDraft({ ...(await draft()), ...patch }),
    async uninstall() {
      const done = await runtime.uninstall();
      if (done.left.length === 0) await rehearsal.leave();
      return done;
    },
    async shutdown() {
      rehearsal.close();
      await runtime.shutdown();
    },
  };
}
