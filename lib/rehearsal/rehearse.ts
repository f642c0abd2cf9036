import { worldFor } from "../install/real-world.ts";
import { localMachine } from "../machine/local-machine.ts";
import { isProblem, Problem } from "../problem.ts";
import { createRuntime, type RuntimeOptions } from "../runtime/create.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";
import { type BreakPanel, breakPanel } from "./breaks/panel.ts";
import { beginLeaving, openRehearsal } from "./second-server.ts";
import { sourcePassword, sourceRole } from "./source/source.ts";
import { portHeld } from "./world/ports.ts";
import { prepareRehearsal, type Rehearsal } from "./world/prepare.ts";

const pollMs = 200;

/** Runs a step as the health page's button does, and follows it to its end. */
async function repairAndWait(runtime: Runtime, stepId: string, consentHash?: string): Promise<void> {
  const { runId } = await runtime.repair(stepId, consentHash ?? (await runtime.describeRepair(stepId)).hash);
  for (;;) {
    const state = await runtime.runState(runId);
    if (state && state.status !== "running" && state.status !== "unborn") {
      if (state.status === "done") return;
      const why = state.entries.find(({ problem }) => problem)?.problem;
      throw new Problem(why ?? { code: "rehearsal.not-repaired", says: `The repair is over: ${state.status}.` });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The stand-in's generator prints its list and writes nothing. */
async function printList(world: World): Promise<number | null> {
  const generator = world.checkout.at("scripts/generate_unified_supervisor_config.py");
  const { code } = await world.machine.exec("/usr/bin/python3", ["-B", generator, "--print"], {
    cwd: world.checkout.root,
    timeoutMs: 5_000,
  });
  return code;
}

const installedEveryMs = 2_000;

/** Steps all of whose traces stood in the database: where its cluster is gone, nothing of them can be left. */
const insideDatabase: ReadonlySet<string> = new Set([
  "create-database-roles",
  "create-database",
  "adopt-database",
  "apply-schema",
  "seed-rows",
  "hold-new-orders",
  "clone-system-data",
  "build-probability-lookup",
  "create-login",
]);

/**
 * Makes the source once: when somebody asks for it, and else in the background as soon as something is installed, so
 * that whoever rehearses waits for the installation and not for it.
 */
function makeSourceOnce(runtime: Runtime, rehearsal: Rehearsal) {
  let work: Promise<void> | undefined;
  const begin = () => {
    clearInterval(clock);
    work ??= rehearsal.source.ensure().catch((thrown: unknown) => {
      work = undefined;
      if (!isProblem(thrown) || thrown.code !== "database.port-taken") throw thrown;
      throw portHeld(rehearsal.record.ports.source, "source", thrown.evidence?.cameBack ?? "another program");
    });
    return work;
  };
  /** Nobody waits for it yet: whoever does is told, when it is tried again. */
  const early = () =>
    void begin().catch((thrown: unknown) => console.error("the source of the rehearsal could not be made:", thrown));
  const clock = setInterval(() => {
    if (runtime.health().installed) early();
  }, installedEveryMs);
  clock.unref();
  const stop = () => clearInterval(clock);
  return {
    stop,
    early,
    /** Resolves when it is there. @throws Problem why it cannot be made, a port that is taken for one */
    made: begin,
    async settled() {
      stop();
      await work?.catch(() => undefined);
    },
  };
}

/** The switches of this rehearsal. What is installed is broken behind the runtime's back, with connections of its own. */
function openPanel(
  runtime: Runtime,
  rehearsal: Rehearsal,
  options: RuntimeOptions,
): BreakPanel & { close(): Promise<void> } {
  const machine = localMachine({ stateFolder: options.paths.state });
  let world: World | undefined;
  const panel = breakPanel({
    health: runtime.health,
    onBug: (thrown, where) => console.error(`bug in ${where}:`, thrown),
    async ground() {
      const answers = await runtime.installation();
      if (!answers) return undefined;
      const open = world ?? worldFor({ ...options, settings: rehearsal.settings, machine, answers, held: {} });
      world = open;
      return {
        world: open,
        control: rehearsal.outside.tell,
        speak: rehearsal.speak,
        repair: (stepId, consentHash) => repairAndWait(runtime, stepId, consentHash),
        generate: () => printList(open),
      };
    },
  });
  return {
    ...panel,
    async close() {
      panel.stop();
      await world?.postgres.close();
      world = undefined;
    },
  };
}

/**
 * Makes the runtime of a server of either kind. A rehearsal is the same runtime in another world: its settings lead to
 * stand-ins, its wizard begins with answers that fit them, and what is uninstalled takes that world away with it.
 * @throws Problem where the state folder cannot be used or the world of a rehearsal cannot be made.
 */
export async function createAnyRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { paths, version, settings } = options;
  if (options.kind === "real")
    return { ...(await createRuntime(options)), rehearse: () => openRehearsal(settings, paths, version) };
  const machine = localMachine({ stateFolder: paths.state });
  await machine.files.makeFolder(paths.state, 0o700);
  const rehearsal = await prepareRehearsal(settings, paths, machine, version, options.leaving);
  const runtime = await createRuntime({ ...options, settings: rehearsal.settings });
  const making = makeSourceOnce(runtime, rehearsal);
  if (options.leaving) making.stop();
  const breaks = openPanel(runtime, rehearsal, options);
  const draft = async () => ({ ...rehearsal.draft, ...(await runtime.draft()) });

  if (!options.leaving && (await runtime.installation()) === undefined) {
    const kalshiPrivateKey = await machine.files.read(rehearsal.places.kalshiKey);
    if (kalshiPrivateKey !== undefined) runtime.holdSecrets({ kalshiPrivateKey });
    runtime.holdSecrets({ sourcePassword: await sourcePassword(machine, rehearsal.places) });
  }
  return {
    ...runtime,
    breaks,
    spareKeys: rehearsal.spareKeys,
    leave: () => beginLeaving(paths),
    draft,
    async saveDraft(patch) {
      // The page of the data is a few pages ahead: by then the source is there.
      making.early();
      return runtime.saveDraft({ ...(await draft()), ...patch });
    },
    inquire: (input) => runtime.inquire(input, input.kind === "source" ? making.made : undefined),
    async findSource() {
      making.early();
      return { host: "127.0.0.1", port: rehearsal.record.ports.source, user: sourceRole, sslmode: "disable" };
    },
    async start(answers, consentHash) {
      if (answers.data.kind === "source") await making.made();
      return runtime.start(answers, consentHash);
    },
    async uninstall() {
      // What was broken on purpose must not keep the installation from being taken back.
      await breaks.mendAll();
      await making.settled();
      await breaks.close();
      const done = await runtime.uninstall();
      const clusterIsGone = !(await machine.files.facts(paths.postgresData));
      const left = done.left.filter(({ stepId }) => !(clusterIsGone && insideDatabase.has(stepId)));
      if (left.length === 0) await rehearsal.leave();
      return { ...done, left };
    },
    async shutdown() {
      rehearsal.close();
      making.stop();
      await breaks.close();
      await runtime.shutdown();
    },
  };
}
