import type { RunState } from "../engine/state.ts";
import type { Secrets } from "../engine/step.ts";
import type { HealthReport } from "../health/report.ts";
import { Problem, sentence } from "../problem.ts";
import type { DescribedPlan } from "../runtime.ts";
import type { GivenAnswers } from "./answers-file.ts";
import { followRun } from "./follow.ts";
import type { Holder } from "./holder.ts";
import { planLines } from "./print.ts";

/** How long the health loop may need to see what the run has just proven. */
const patienceMs = 60_000;
/** How long what only trading needs may take to come by itself: a first strike table with real probabilities, for one. */
const tradingPatienceMs = 20_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How an unattended installation ended. */
export interface UnattendedEnd {
  run: RunState;
  health: HealthReport;
}

/** What this machine may still bring about by itself; what is the checkout's or the exchange's is as it is. */
const stillComing = ({ installed, reasons }: HealthReport) =>
  !installed || reasons.tradable.some(({ label }) => label === "machine");

/** Nobody is there to be asked in the middle: what a step will want and the file does not give is told before anything. */
function wantSecrets(plan: DescribedPlan, secrets: Secrets): void {
  const login = plan.entries.find(({ id }) => id === "create-login");
  if (secrets.loginPassword !== undefined || !login?.changes.some(({ what }) => what === "rows")) return;
  throw new Problem({
    code: "answers.login-password-missing",
    says: "The answers name no password for the login that is to be made.",
    remedy: sentence("Write it into a file of mode 0600, and name that file as secrets.loginPasswordFile."),
  });
}

/** How an installation without a person speaks, and whether somebody is asked after all. */
export interface Teller {
  say: (line: string) => void;
  /** Asked when the plan was told, where somebody is there; throws where he does not agree. */
  agree?: () => Promise<void>;
}

const startStep = "start-postgres";

/** Nothing stands in the way but that the installation's own PostgreSQL does not run: after a power cut, for one. */
const onlyStopped = ({ blockers }: DescribedPlan) =>
  blockers.length > 0 && blockers.every(({ remedy }) => remedy?.kind === "step" && remedy.stepId === startStep);

/**
 * Starts the installation's own PostgreSQL, as the button of the remedy does: what stands in it, and so what is to be
 * changed in it, can be told only then. False where that is not to be had.
 */
async function startPostgres(holder: Holder, say: Teller["say"]): Promise<boolean> {
  say("This installation's PostgreSQL does not run. It is started first: only then can the rest be told.");
  const repair = await holder.call("describe-repair", { stepId: startStep });
  if (repair.blockers.length > 0) return false;
  const { runId } = await holder.call("repair", { stepId: startStep, consentHash: repair.hash });
  return (await followRun(holder, runId, say)).status === "done";
}

async function planAndRun(
  holder: Holder,
  { answers, secrets }: GivenAnswers,
  { say, agree }: Teller,
): Promise<RunState> {
  let plan = await holder.call("describe-plan", { answers });
  if (onlyStopped(plan) && (await startPostgres(holder, say))) plan = await holder.call("describe-plan", { answers });
  for (const line of planLines(plan)) say(line);
  const [blocker, ...others] = plan.blockers;
  if (blocker)
    throw new Problem({
      code: "plan.blocked",
      says: blocker.says,
      remedy: blocker.remedy ?? sentence("Mend this and start again; nothing was changed."),
      // Whoever reads only the JSON mends everything at once, not one thing a run.
      ...(others.length === 0
        ? {}
        : {
            evidence: {
              asked: "what else stands in the way",
              cameBack: others.map(({ says, remedy }) => (remedy ? `${says} ${remedy.says}` : says)).join("\n"),
            },
          }),
    });
  // With the rows of a backup comes the login.
  if (!answers.moved) wantSecrets(plan, secrets);
  await agree?.();
  const { runId } = await holder.call("start-run", { answers, consentHash: plan.hash });
  return followRun(holder, runId, say);
}

/**
 * Carries a plan to its end without asking anybody: whoever wrote the answers file has consented to what the plan that is
 * printed first says. A checkout that has to be cloned is a run of its own: what there is to change in it can be told
 * only once it is there.
 * @throws Problem where something stands in the way before anything was changed.
 */
export async function installUnattended(holder: Holder, given: GivenAnswers, teller: Teller): Promise<UnattendedEnd> {
  const { answers, secrets } = given;
  await holder.call("hold-secrets", secrets);
  let run = await planAndRun(holder, given, teller);
  if (run.status === "done" && answers.checkout.kind === "clone") {
    const cloned = { ...answers, checkout: { kind: "path", path: answers.checkout.into } } as const;
    run = await planAndRun(holder, { answers: cloned, secrets }, teller);
  }
  let health = await holder.call("health", { lookAgain: run.status === "done" });
  const begun = Date.now();
  // Without a key nothing makes it tradable.
  const forTrading = answers.kalshi.kind === "key" ? tradingPatienceMs : 0;
  const patience = () => (health.installed ? forTrading : patienceMs);
  while (run.status === "done" && stillComing(health) && Date.now() - begun < patience()) {
    await pause(1_000);
    health = await holder.call("health", {});
  }
  return { run, health };
}
