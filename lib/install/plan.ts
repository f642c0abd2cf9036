import type { AnyProbe, AnyProof } from "../engine/probe.ts";
import type { RunState } from "../engine/state.ts";
import type { Entry, Gate, Plan, Proving, Secrets, Step } from "../engine/step.ts";
import { checkoutGateProbes } from "../health/probes/checkout/checkout-clone.ts";
import { knowledgeProbes } from "../health/probes/checkout/knowledge.ts";
import { historicalDataProbe } from "../health/probes/data/historical-data.ts";
import { neededExchangeProbes, neededLiveDataProbes } from "../health/probes/data/live-data.ts";
import { countersStandPast } from "../health/probes/database/counters.ts";
import { onlyOneTrades } from "../health/probes/database/moved.ts";
import { orderLockProbes } from "../health/probes/database/order-lock.ts";
import { statementsPrepare } from "../health/probes/database/statements.ts";
import { askedHostsProbes } from "../health/probes/kalshi/asked-hosts.ts";
import { kalshiGateProbes, kalshiHealthProbes } from "../health/probes/kalshi/kalshi.ts";
import { listenerProbes } from "../health/probes/machine/listeners.ts";
import { machineProbes } from "../health/probes/machine/machine.ts";
import { endpointCensusProbe } from "../health/probes/services/endpoint-census.ts";
import { liveHookProbes } from "../health/probes/services/hook.ts";
import { serviceLogProbes } from "../health/probes/services/services-logs.ts";
import { neededProofs } from "../health/proofs/proofs.ts";
import type { AskedQuestion, Need } from "../health/report.ts";
import { Problem, sentence } from "../problem.ts";
import type { Answers } from "./answers.ts";
import { asOnlyWriters } from "./only-writer-steps.ts";
import { applySchema } from "./steps/apply-schema.ts";
import { buildProbabilityLookup } from "./steps/build-probability-lookup.ts";
import { cloneCheckout } from "./steps/clone-checkout.ts";
import { cloneSystemData } from "./steps/clone-system-data.ts";
import { createDatabase } from "./steps/create-database.ts";
import { createDatabaseRoles } from "./steps/create-database-roles.ts";
import { createLogin } from "./steps/create-login.ts";
import { createProfile } from "./steps/create-profile.ts";
import { createProgramsUser } from "./steps/create-programs-user.ts";
import { createPythonEnvironment } from "./steps/create-python-environment.ts";
import { endBlockingSessions } from "./steps/end-blocking-sessions.ts";
import { holdNewOrders } from "./steps/hold-new-orders.ts";
import { installHook } from "./steps/install-hook.ts";
import { installSystemPackages } from "./steps/install-system-packages.ts";
import { restartKeyPrograms } from "./steps/restart-key-programs.ts";
import { restoreBackup } from "./steps/restore-backup.ts";
import { restoreSystemData } from "./steps/restore-system-data.ts";
import { seedRows } from "./steps/seed-rows.ts";
import { startAtBoot } from "./steps/start-at-boot.ts";
import { startPostgres } from "./steps/start-postgres.ts";
import { startServices } from "./steps/start-services.ts";
import { startSupervisord } from "./steps/start-supervisord.ts";
import { writeCredentials } from "./steps/write-credentials.ts";
import { writeSupervisorConfiguration } from "./steps/write-supervisor-configuration.ts";

/*
 * The table of contents of the product. Top to bottom is the order in which things happen; whoever reads this file knows
 * what an installation is.
 */

/** Everything that is asked before anything is changed. */
function gates(answers: Answers): Gate[] {
  return [
    { kind: "gate", id: "machine", title: "This machine can carry it", probes: machineProbes(answers) },
    { kind: "gate", id: "checkout", title: "The checkout is whole", probes: checkoutGateProbes(answers) },
    { kind: "gate", id: "kalshi", title: keyTitle(answers), probes: kalshiGateProbes(answers) },
  ];
}

function keyTitle(answers: Answers): string {
  return answers.kalshi.kind === "key" ? "Kalshi accepts the key" : "Kalshi is left out, as agreed";
}

/** Everything that changes something, in order. A step says itself where there is nothing to do. */
function steps(answers: Answers, held: Readonly<Secrets> = {}): Step[] {
  return asOnlyWriters([
    installSystemPackages(answers),
    createProgramsUser,
    createPythonEnvironment(answers),
    startPostgres(answers),
    createDatabaseRoles(answers),
    createDatabase(answers),
    applySchema(answers, [countersStandPast(), statementsPrepare()]),
    ...(answers.moved ? [restoreBackup(answers.moved)] : []),
    seedRows(),
    holdNewOrders(answers),
    ...(answers.data.kind === "source"
      ? [cloneSystemData(answers.data, answers.person, () => held.sourcePassword)]
      : []),
    ...(answers.data.kind === "backup" ? [restoreSystemData(answers.data)] : []),
    // A lookup that came whole from the source is only remembered; one that did not is built.
    ...(answers.data.kind !== "none"
      ? [buildProbabilityLookup({ afterCopy: answers.data.kind !== "archive" || !!answers.moved })]
      : []),
    createProfile,
    createLogin(answers),
    ...(answers.kalshi.kind === "key" ? [writeCredentials(answers)] : []),
    installHook(answers),
    writeSupervisorConfiguration(),
    startSupervisord(),
    startServices(answers),
    ...(answers.kalshi.kind === "key" ? [restartKeyPrograms(answers)] : []),
    ...(answers.consent.startAtBoot ? [startAtBoot] : []),
  ] as Step[]);
}

/** What is proven at the end, and for ever after. */
export function proving(answers: Answers, held: Readonly<Secrets>): Proving {
  return {
    kind: "proving",
    id: "prove-services",
    title: "Prove each service",
    why: "A program that runs and answers may still do nothing: each one writes and reads back.",
    proofs: neededProofs(answers, () => held).map(({ question, need }) => ({
      proof: question as AnyProof,
      required: need === "installed",
    })),
    patienceMs: 120_000,
  };
}

/**
 * The plan for these answers. A repository that is still to be cloned is a plan of its own: everything else is computed
 * from what is in it.
 */
export function planFor(answers: Answers, held: Readonly<Secrets>): Plan {
  if (answers.checkout.kind === "clone") {
    return [
      { kind: "gate", id: "machine", title: "This machine can carry it", probes: machineProbes(answers) },
      { kind: "gate", id: "checkout", title: "The repository can be cloned", probes: checkoutGateProbes(answers) },
      // Nothing above this line changes the machine.
      cloneCheckout(answers.checkout) as Step,
    ];
  }
  return [
    ...gates(answers),
    // Nothing above this line changes the machine.
    ...steps(answers, held),
    proving(answers, held),
  ];
}

/** Steps that only a remedy asks for. */
const onlyRepairs = [endBlockingSessions];

/** One step run again, with what must be proven anew after it. @throws Problem `install.no-such-step` */
export function repairPlan(answers: Answers, stepId: string, held: Readonly<Secrets>): Plan {
  const known: readonly Entry[] = [...planFor(answers, held), ...(onlyRepairs as Step[])];
  const entry = known.find((candidate) => candidate.id === stepId && candidate.kind === "step");
  if (entry) return [entry];
  throw new Problem({
    code: "install.no-such-step",
    says: `There is no step ${stepId} in this installation.`,
    remedy: sentence("Choose a remedy on the health page."),
  });
}

/** What another key or another environment changes, in the order of the whole plan. */
const keyChangeSteps: ReadonlySet<string> = new Set([
  "write-credentials",
  "install-hook",
  "write-supervisor-configuration",
  "start-supervisord",
  "start-services",
  "restart-key-programs",
]);

const keyGate = "kalshi";

/** True where a run is one of {@link keyChangePlan}: no other repair begins with a gate. */
export function isKeyChange({ purpose, entries }: Pick<RunState, "purpose" | "entries">): boolean {
  return purpose === "repair" && entries[0]?.id === keyGate;
}

/**
 * Another Kalshi key, or the same installation with the other environment: accepted first, then written, then the
 * programs that hold the old one are started anew, and those that ask the exchange are proven.
 */
export function keyChangePlan(answers: Answers, held: Readonly<Secrets>): Plan {
  const whole = proving(answers, held);
  const asking = ["kalshi_account_sync", "trade_executor", "kalshi_market_watchdog"];
  return [
    ...gates(answers).filter(({ id }) => id === keyGate),
    ...steps(answers).filter(({ id }) => keyChangeSteps.has(id)),
    { ...whole, proofs: whole.proofs.filter(({ proof }) => proof.program && asking.includes(proof.program)) },
  ];
}

/** The plan that a run of this purpose has for these answers: for going on with it. */
export function planOfRun(run: RunState, answers: Answers, held: Readonly<Secrets>): Plan {
  if (run.purpose !== "repair") return planFor(answers, held);
  return isKeyChange(run) ? keyChangePlan(answers, held) : repairPlan(answers, run.entries[0]?.id ?? "", held);
}

/** The steps of a plan by their id: for undo, which knows only what a receipt says. */
export function stepsFor(answers: Answers): ReadonlyMap<string, Step> {
  const all = answers.checkout.kind === "clone" ? [cloneCheckout(answers.checkout) as Step] : steps(answers);
  return new Map([...all, ...(onlyRepairs as Step[])].map((step) => [step.id, step]));
}

/** Asked before an installation; afterwards what matters is whether prices arrive, which is asked by itself. */
const onlyBefore: ReadonlySet<string> = new Set(["machine-network"]);

/** The questions of the health page: what the gates and steps ask, what is asked besides, and the proofs. Each once. */
export function questionsFor(answers: Answers, held: Readonly<Secrets>): AskedQuestion[] {
  const as = (need: Need, probes: readonly AnyProbe[]): AskedQuestion[] =>
    probes.map((question) => ({ question, need }));
  const all = [
    ...as(
      "installed",
      gates(answers)
        .filter(({ id }) => id !== "kalshi")
        .flatMap(({ probes }) => probes),
    ),
    ...as(
      "installed",
      steps(answers).flatMap(({ probes }) => probes),
    ),
    ...as("installed", [...orderLockProbes(answers), ...listenerProbes(), ...liveHookProbes(), ...serviceLogProbes()]),
    ...as("no", [historicalDataProbe, endpointCensusProbe(), ...knowledgeProbes()]),
    ...as("tradable", answers.moved ? [onlyOneTrades()] : []),
    ...kalshiHealthProbes(answers),
    ...askedHostsProbes(answers),
    ...neededLiveDataProbes(answers),
    ...neededExchangeProbes(answers),
    ...neededProofs(answers, () => held),
  ];
  return [
    ...new Map(
      all.map((asked) => [
        asked.question.id,
        onlyBefore.has(asked.question.id) ? { ...asked, need: "no" as const } : asked,
      ]),
    ).values(),
  ];
}
