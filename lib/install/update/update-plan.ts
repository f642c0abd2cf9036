import type { AnyProbe } from "../../engine/probe.ts";
import type { Plan, Secrets, Step } from "../../engine/step.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";
import { proving, stepsFor } from "../plan.ts";
import { createProgramsUser } from "../steps/create-programs-user.ts";
import { createPythonEnvironment } from "../steps/create-python-environment.ts";
import { startServices } from "../steps/start-services.ts";
import { startSupervisord } from "../steps/start-supervisord.ts";
import { writeSupervisorConfiguration } from "../steps/write-supervisor-configuration.ts";
import { backUpRows } from "./back-up-rows.ts";
import { checkOutCommit, standsAt } from "./check-out-commit.ts";
import { updateFits } from "./update-fits.ts";

/** Another commit of the checkout. */
export interface Update {
  /** All forty digits. */
  to: string;
  /** The person has read what would break, and goes on. */
  anyway: boolean;
}

/**
 * What a step would change for a commit that is not there yet cannot be told in detail: its programs, its packages. It is
 * told in one line before and after, so that what was agreed to is what is done.
 */
function asTheCommitNeeds(step: Step, to: string): Step {
  return {
    ...step,
    probes: [standsAt(to) as AnyProbe, ...step.probes],
    describe: async () => [{ what: "program", target: step.title, detail: `as ${to.slice(0, 7)} needs it` }],
  };
}

/**
 * Brings an installation to another commit of its checkout: looked at first, rows kept, programs stopped, checked out,
 * started in the safe order, and everything proven anew. The way back is the same plan with the commit before.
 */
export function updatePlan(answers: Answers, { to, anyway }: Update, held: Readonly<Secrets>): Plan {
  const after = [
    createProgramsUser,
    createPythonEnvironment(answers),
    writeSupervisorConfiguration(),
    startSupervisord(),
    startServices(answers),
  ] as Step[];
  return [
    {
      kind: "gate",
      id: "update",
      title: `This installation holds for ${to.slice(0, 7)}`,
      probes: [updateFits(to, anyway)],
    },
    // Nothing above this line changes the machine.
    backUpRows(answers, to) as Step<keyof World>,
    checkOutCommit(to) as Step<keyof World>,
    ...after.map((step) => asTheCommitNeeds(step, to)),
    proving(answers, held),
  ];
}

/** Every step that a run can have carried out, by its id: for undo, which knows only what a receipt says. */
export function everyStep(answers: Answers): ReadonlyMap<string, Step> {
  const own = [backUpRows(answers, ""), checkOutCommit("")] as Step[];
  return new Map([...stepsFor(answers), ...own.map((step) => [step.id, step] as const)]);
}
