import { findCheckouts } from "../checkout/find-checkouts.ts";
import type { Secrets } from "../engine/step.ts";
import { healthReport, publicReport } from "../health/report.ts";
import { answerRecords } from "../install/answer-records.ts";
import { type Answers, draftAnswers } from "../install/answers.ts";
import { findDatabases } from "../install/find-databases.ts";
import { climbOf } from "../install/inquiries.ts";
import { isKeyChange, planFor, planOfRun } from "../install/plan.ts";
import { planNotes } from "../install/plan-notes.ts";
import { worldFor } from "../install/real-world.ts";
import { rehearseUpdate } from "../install/update/rehearse-update.ts";
import { canonicalPem, parsePrivateKey } from "../kalshi/key.ts";
import { localMachine } from "../machine/local-machine.ts";
import { projectRoot, type StatePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import type { Runtime } from "../runtime.ts";
import type { Settings } from "../settings.ts";
import type { World } from "../world.ts";
import { backupDoor } from "./backing-up.ts";
import { openInquiries } from "./inquiries.ts";
import { openInstallation } from "./installation.ts";
import { keyChangeDoor } from "./key-change.ts";
import { personalWords } from "./personal-words.ts";
import { openPlanning } from "./planning.ts";
import { recioDoor } from "./recio.ts";
import { repairDoor } from "./repairing.ts";
import { openRuns } from "./runs.ts";
import { takingBackDoor } from "./taking-back.ts";
import { tradingDoor } from "./trading.ts";
import { updateDoor } from "./updating.ts";

export interface RuntimeOptions {
  settings: Settings;
  paths: StatePaths;
  kind: "real" | "rehearsal";
  /** Version of the build that runs, shown on the page and in reports. */
  version: string;
  leaving?: boolean; // it only takes back: see MakeRuntime
}

/** Fetching over a slow line, and reading two trees. */
const updateTimeoutMs = 5 * 60_000;

/** Told on standard error, which the keeper writes to the server's log. A bug's text never holds an answer or a secret. */
function tellBug(thrown: unknown, where: string) {
  console.error(`bug in ${where}:`, thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
}

/**
 * Makes the runtime of this process. The caller holds the lock of the state folder: nobody else writes there.
 * @throws Problem where the state folder cannot be used.
 */
export async function createRuntime({ settings, paths, kind, version }: RuntimeOptions): Promise<Runtime> {
  const machine = localMachine({ stateFolder: paths.state });
  const { files } = machine;
  await files.makeFolder(paths.state, 0o700);
  const records = answerRecords(files, paths);
  const held: Secrets = {};
  const worlds = new Map<string, World>();
  const planning = openPlanning();
  const inquiries = openInquiries(tellBug);

  /** One world for the same answers, so that a pool is not opened anew by every question. */
  function world(answers: Answers): World {
    const key = JSON.stringify(answers);
    const open = worlds.get(key) ?? worldFor({ kind, settings, paths, machine, answers, held });
    worlds.set(key, open);
    return open;
  }

  const installation = await openInstallation({ files, records, paths, held, world, onBug: tellBug });
  const { watching, lookAgain } = installation;

  const runs = await openRuns({
    files,
    rehearsal: kind === "rehearsal",
    records,
    folder: paths.runs,
    onBug: tellBug,
    onProof: (proof, answer) => watching()?.monitor.learn(proof.id, answer),
    async onTurn(state, running) {
      if (state.purpose !== "repair") watching()?.monitor.hold(running);
      if (running) return;
      if (state.purpose === "install" && state.status === "done") await finishInstall(state.runId);
      await keyChange.ended(state);
      await updating.ended(state);
      void lookAgain();
    },
  });

  /** A finished installation needs no secret any more; a finished clone of the checkout is now a checkout by its path. */
  async function finishInstall(runId: string) {
    const answers = await runs.answersOf(runId);
    if (answers?.checkout.kind === "clone") {
      await saveDraft({ checkout: { kind: "path", path: answers.checkout.into } });
      return;
    }
    forgetSecrets();
    if (installation.answers()) await installation.settle();
  }

  async function wasFinished(): Promise<boolean> {
    return (await runs.all()).some((run) => run.purpose === "install" && run.status === "done");
  }

  function forgetSecrets() {
    for (const name of Object.keys(held) as (keyof Secrets)[]) delete held[name];
  }

  async function draft() {
    return (await records.read(paths.draft, draftAnswers)) ?? {};
  }

  /** What was installed from a file of answers was never in the wizard's draft. */
  const answered = async () => ({ ...installation.answers(), ...(await draft()) });

  async function saveDraft(patch: Parameters<Runtime["saveDraft"]>[0]) {
    const next = draftAnswers.parse({ ...(await draft()), ...patch });
    await records.write(paths.draft, next);
    return next;
  }

  async function rememberInstallation(answers: Answers) {
    if (answers.checkout.kind === "clone") return;
    await installation.adopt(answers);
    watching()?.monitor.hold(true);
  }

  const here = () => world(installation.need());
  const takingBack = takingBackDoor({ runs, world, held });
  const repairing = repairDoor({ runs, planning, answers: installation.need, world, held });
  const recio = recioDoor(here);
  const keyChange = keyChangeDoor({
    installation: installation.need,
    world,
    runs,
    planning,
    held,
    hold: (kalshiPrivateKey, kalshiPassphrase) =>
      runtime.holdSecrets({ kalshiPrivateKey, ...(kalshiPassphrase === undefined ? {} : { kalshiPassphrase }) }),
    beforeStop: recio.beforeStop,
    async adopt(answers) {
      await saveDraft({ kalshi: answers.kalshi });
      forgetSecrets();
      await installation.adopt(answers);
    },
  });
  const updating = updateDoor({
    installation: installation.need,
    world,
    runs,
    planning,
    held,
    beforeStop: recio.beforeStop,
    async settle({ start } = { start: false }) {
      // While everything is taken back nothing is watched any more, and nothing is started again.
      if (!watching()) return;
      if (start) await recio.act("start");
      await installation.settle();
    },
  });
  const backups = backupDoor({ world, answers: installation.need, version });
  const isInstalled = () => runtime.health().installed;
  const trading = tradingDoor({ world: here, isInstalled, changed: () => void lookAgain() });

  const runtime: Runtime = {
    kind,
    settings,
    paths,
    version,
    draft,
    saveDraft,
    heldSecrets: () => Object.fromEntries(Object.keys(held).map((name) => [name, true])),
    holdSecrets({ kalshiPrivateKey, kalshiPassphrase, ...secrets }) {
      if (kalshiPrivateKey !== undefined)
        held.kalshiPrivateKey = canonicalPem(parsePrivateKey(kalshiPrivateKey, kalshiPassphrase));
      Object.assign(held, secrets);
    },
    forgetSecrets,
    findCheckouts: () => findCheckouts(machine, projectRoot(), settings.home),
    findDatabases: () => findDatabases(machine),
    findSource: async () => undefined,

    inquire: (input, ready) =>
      inquiries.begin(
        input.kind,
        climbOf(input, { settings, paths, machine, draft: answered, held, installed: here, ready }),
      ),
    inquiry: (id) => inquiries.get(id),
    followInquiry: (id, listener) => inquiries.follow(id, listener),
    cancelInquiry: (id) => inquiries.cancel(id),

    async describePlan(answers) {
      const here = world(answers);
      return planning.describe(answers, planFor(answers, held), here, await planNotes(answers, here));
    },
    async start(answers, hash) {
      const current = runs.current();
      if (current) return { runId: current };
      const shown = planning.shown(answers, hash);
      await rememberInstallation(answers);
      const runId = await runs.begin(
        { purpose: "install", answers, plan: shown.plan, world: shown.world, secrets: held },
        shown.description.entries,
        hash,
      );
      return { runId };
    },
    async resume(runId) {
      const answers = await runs.answersOf(runId);
      const state = await runs.state(runId);
      if (!answers || !state)
        throw new Problem({
          code: "install.no-such-run",
          says: "There is no such run.",
          remedy: sentence("Begin a new one from the review page."),
        });
      const plan = state.purpose === "update" ? updating.planOf(state, answers) : planOfRun(state, answers, held);
      if (state.purpose === "install") await rememberInstallation(answers);
      if (isKeyChange(state)) await keyChange.recall(answers);
      await runs.resume(runId, { purpose: state.purpose, answers, plan, world: world(answers), secrets: held });
      return { runId };
    },
    describeRepair: repairing.describe,
    repair: repairing.repair,
    proposeKey: keyChange.propose,
    proposeKeyBefore: keyChange.proposeBefore,
    describeKeyChange: keyChange.describe,
    changeKey: keyChange.change,
    undo: async (runId, secrets) => (await keyChange.takeBack(runId)) ?? takingBack.undo(runId, secrets),
    stop: async (runId) => runs.stop(runId),
    runs: async () =>
      (await runs.all()).map(({ runId, purpose, startedAt, status, entries }) => ({
        runId,
        purpose,
        startedAt,
        status,
        ...(purpose === "undo" ? { takesBack: [...new Set(entries.map(({ id }) => id.split("@")[1] ?? ""))] } : {}),
      })),
    runState: (runId) => runs.state(runId),
    followRun: async (runId, afterSeq, listener) => runs.follow(runId, afterSeq, listener),

    installation: async () => installation.answers(),
    health(reader = "owner") {
      const report =
        watching()?.report() ?? healthReport([], new Map(), { now: Date.now(), rehearsal: kind === "rehearsal" });
      return reader === "owner" ? report : publicReport(report, personalWords(installation.answers(), paths, settings));
    },
    history: async (sinceMs) => watching()?.history.since(sinceMs) ?? [],
    lookAgain,
    programs: recio.programs,
    logTail: recio.logTail,
    async recio(action, program) {
      await recio.act(action, program);
      void lookAgain();
    },
    async bringBack() {
      // An installation that is still to be finished is gone on with by its own run.
      if (!installation.answers() || runs.current() !== undefined || !(await wasFinished())) return false;
      const started = await recio.bringBack();
      if (started) void lookAgain();
      return started;
    },
    beforeStop: recio.beforeStop,
    rehearseUpdate: (commit) =>
      rehearseUpdate(world(installation.need()), commit, AbortSignal.timeout(updateTimeoutMs)),
    describeUpdate: updating.describe,
    update: updating.update,
    recioUrl: () => world(installation.need()).checkout.urlOf("main_app"),
    trading: trading.state,
    lockTrading: trading.lock,
    releaseTrading: trading.release,
    confirmMove: trading.confirmMove,
    backUp: backups.backUp,
    connectionUri: () => world(installation.need()).postgres.connectionUri(),

    describeUninstall: takingBack.describe,
    async uninstall() {
      await takingBack.prove();
      await installation.endWatching();
      const { whole, takenBack, left } = await takingBack.everything();
      forgetSecrets();
      if (whole) await installation.forget();
      return { takenBack, left };
    },

    async shutdown() {
      backups.stop();
      inquiries.cancelAll();
      const current = runs.current();
      if (current) runs.stop(current);
      await Promise.race([runs.settled(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      await installation.endWatching();
      await Promise.all([...worlds.values()].map((open) => open.postgres.close()));
    },
  };

  if (installation.answers() && (await wasFinished())) await installation.beginWatching();
  return runtime;
}
