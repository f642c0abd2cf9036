import { type AnyProbe, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { type LockFacts, type LockState, lockFacts, lockFaults, lockState } from "../../../postgres/order-lock.ts";
import type { Postgres } from "../../../postgres/postgres.ts";
import { targetOf } from "../../../postgres/target.ts";
import { isProblem, repairedBy, sentence } from "../../../problem.ts";
import { monitorProgram } from "../../../supervisor/safe-order.ts";
import { sharedReading } from "../../watching/shared-reading.ts";

const remedy = repairedBy("hold-new-orders", "Install the order lock again; it comes back locked.");

/** The state, or undefined where there is no lock to have one. */
const stateOrAbsent = sharedReading(async (postgres: Postgres): Promise<LockState | undefined> => {
  try {
    return await lockState(postgres);
  } catch (error) {
    if (isProblem(error) && error.code === "database.object-missing") return undefined;
    throw error;
  }
});

/** "The order lock is as it was installed": trigger, functions, owners, rights. */
export function orderLockIntact(answers: Answers): AnyProbe {
  const target = targetOf(answers.database);
  return probe<"postgres", LockFacts>({
    id: "order-lock-intact",
    title: "The order lock is as it was installed",
    group: "Safety",
    label: "machine",
    everyMs: 10_000,
    collect: ({ postgres }, signal) => lockFacts(postgres, signal),
    judge(facts) {
      const faults = lockFaults(facts, target);
      if (faults.length === 0)
        return { level: "ok", says: "Trigger, functions and owners of the order lock are as installed." };
      if (facts.app_mighty || facts.app_is_installer)
        return {
          level: "fail",
          says: `${faults.join("; ")}.`,
          remedy: sentence(
            `Take SUPERUSER, CREATEROLE and the membership in ${target.installerUser} from the role ${target.appUser}.`,
          ),
        };
      // A trigger of somebody else's is not ours to drop, and installing the lock again would not make it the last one.
      const later = facts.settings?.before.at(-1);
      if (facts.settings?.trigger && later !== undefined && later !== "zz_order_lock")
        return {
          level: "fail",
          says: `${faults.join("; ")}.`,
          remedy: sentence(`Drop the trigger ${later}, which can undo what the order lock holds.`),
        };
      return { level: "fail", says: `${faults.join("; ")}.`, remedy };
    },
  });
}

const orders = {
  none: "No order may be sent.",
  "close-only": "New orders are held; closing stays possible.",
  manual: "Orders that a person places may be sent.",
  all: "All orders may be sent, automated ones too.",
} as const;

/** "Automated entry is held off": the permit, and what the row really says. */
export function automatedEntryHeld(): AnyProbe {
  return probe<"postgres", LockState | undefined>({
    id: "order-lock-holds",
    title: "Automated entry is off unless it was released",
    group: "Safety",
    label: "machine",
    everyMs: 5000,
    collect: ({ postgres }) => stateOrAbsent(postgres),
    judge(state) {
      if (!state) return { level: "fail", says: "The order lock is not installed.", remedy };
      if (!state.orders)
        return { level: "fail", says: "The order lock has no permit row, so it refuses everything.", remedy };
      const entry = state.switches?.auto_entry;
      if (state.auto_entry_allowed)
        return { level: "ok", says: `${orders[state.orders]} Automated entry is ${entry ? "on" : "off"}.` };
      if (entry !== false)
        return {
          level: "fail",
          says: `Automated entry is ${entry ? "on" : "not known to be off"}, although it is held off.`,
          remedy,
          objects: ["users.auto_trade_settings_0001.auto_entry"],
        };
      return { level: "ok", says: `${orders[state.orders]} Automated entry is off.` };
    },
  });
}

/** "Nobody tried to trade while the lock holds": counts and names who did, since the lock was last set. */
export function orderLockAttempts(): AnyProbe {
  return probe<"postgres", LockState | undefined>({
    id: "order-lock-attempts",
    title: "Nobody tried to trade while the lock holds",
    group: "Safety",
    label: "machine",
    everyMs: 5000,
    collect: ({ postgres }) => stateOrAbsent(postgres),
    judge(state) {
      if (!state?.orders) return { level: "unknown", says: "There is no order lock that could have noted an attempt." };
      const count = state.held_times + state.refused_orders;
      if (count === 0 || !state.last) return { level: "ok", says: "No attempt since the lock was set." };
      const parts = [
        ...(state.held_times > 0 ? [`a held switch was to be changed ${state.held_times} times`] : []),
        ...(state.refused_orders > 0 ? [`${state.refused_orders} orders were refused`] : []),
      ];
      const text = `${parts.join(" and ")}, last by ${state.last.application || "an unnamed session"}.`;
      return {
        level: "warn",
        says: `${text.charAt(0).toUpperCase()}${text.slice(1)}`
          .replace(/\b1 times/, "once")
          .replace(/\b1 orders were/, "1 order was"),
        remedy: sentence(
          state.last.application === `rec:${monitorProgram}`
            ? "REC.IO's monitor does so whenever a program comes back; it was held back. Releasing or locking anew begins a new count."
            : "Find out who asked; the lock refused it. Releasing or locking anew begins a new count.",
        ),
      };
    },
  });
}

/** What REC.IO can be asked of safety here: the order gate is one of the functions that the first probe compares. */
export function orderLockProbes(answers: Answers): AnyProbe[] {
  return [orderLockIntact(answers), automatedEntryHeld(), orderLockAttempts()];
}
