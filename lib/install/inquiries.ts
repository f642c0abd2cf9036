import { inspectCheckout } from "../checkout/inspect-answer.ts";
import { recioCheckout } from "../checkout/recio-checkout.ts";
import { sourceConnections } from "../clone/source/connect.ts";
import { inspectSource } from "../clone/source/inspect-source.ts";
import { readVisits } from "../clone/source/read-visits.ts";
import { targetConnections } from "../clone/target-connections.ts";
import { verifyCopied } from "../clone/verify.ts";
import type { Secrets } from "../engine/step.ts";
import { kalshi } from "../kalshi/client.ts";
import { diagnose } from "../kalshi/diagnose.ts";
import type { Machine } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import { inspectServer } from "../postgres/connection/inspect-server.ts";
import { targetOf } from "../postgres/target.ts";
import type { Climb } from "../runtime/inquiries.ts";
import type { InquiryInput } from "../runtime.ts";
import type { Settings } from "../settings.ts";
import type { World } from "../world.ts";
import type { DraftAnswers } from "./answers.ts";
import { checkoutRoot } from "./real-world.ts";

export interface InquiryGround {
  settings: Settings;
  paths: StatePaths;
  machine: Machine;
  /** The answers so far: what a key is good for depends on the checkout that will use it. */
  draft: () => Promise<DraftAnswers>;
  /** Secrets in memory: a password that was given before need not be typed again to be tried again. */
  held: Readonly<Secrets>;
  /** The world of the installation. @throws Problem where nothing is installed */
  installed: () => Pick<World, "postgres" | "paths" | "machine">;
  /** What has to be there before a source is asked. */
  ready: (() => Promise<unknown>) | undefined;
}

/** The read-only job that answers a question of the wizard. Secrets of the question stay in its closure. */
export function climbOf(input: InquiryInput, ground: InquiryGround): Climb {
  const { settings, machine } = ground;
  switch (input.kind) {
    case "checkout":
      return (tell, signal) => inspectCheckout(input.checkout, machine, { home: settings.home, signal, onRung: tell });
    case "database":
      return (tell, signal) =>
        inspectServer(targetOf(input.database), {
          machine,
          paths: ground.paths,
          ...(input.adminPassword === undefined ? {} : { adminPassword: input.adminPassword }),
          signal,
          onRung: tell,
        });
    case "source":
      return (tell, signal) =>
        inspectSource({
          address: input.source,
          async open() {
            await ground.ready?.();
            return sourceConnections(input.source, () => input.password ?? ground.held.sourcePassword, machine)();
          },
          signal,
          onRung: tell,
        });
    case "source-log":
      return (tell, signal) =>
        readVisits({
          address: input.source,
          open: sourceConnections(input.source, () => input.password, machine),
          signal,
          onRung: tell,
        });
    case "copied-data":
      return (tell, signal) => verifyCopied({ open: targetConnections(ground.installed()), signal, onRung: tell });
    case "kalshi-key":
      return async (tell, signal) => {
        const draft = await ground.draft();
        // A page is not told the id of before: left out, that one is meant.
        const known = draft.kalshi?.kind === "key" ? draft.kalshi.keyId : "";
        const asked = { ...input, keyId: input.keyId === "" ? known : input.keyId };
        const { diagnosis } = await diagnose(kalshiFor(ground, draft, input.environment), asked, {
          onRungs: tell,
          signal,
        });
        const { outcome, accepted, says, problem, receipt, remedy } = diagnosis;
        return {
          accepted,
          says,
          ...(problem ? { problem } : {}),
          facts: { outcome, receipt, ...(remedy ? { remedy } : {}) },
        };
      };
  }
}

/** The exchange as the checkout of the draft would use it; without one, nothing is known of its use. */
function kalshiFor({ settings, paths, machine }: InquiryGround, draft: DraftAnswers, environment: "demo" | "prod") {
  const root = draft.checkout ? checkoutRoot(draft.checkout, settings.home) : paths.state;
  return kalshi({
    settings,
    environment,
    withoutKey: false,
    checkout: recioCheckout({ root, machine, paths }),
    machine,
  });
}
