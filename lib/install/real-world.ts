import { recioCheckout } from "../checkout/recio-checkout.ts";
import type { Secrets } from "../engine/step.ts";
import { kalshi } from "../kalshi/client.ts";
import type { KalshiKey } from "../kalshi/kalshi.ts";
import { parsePrivateKey } from "../kalshi/key.ts";
import type { Machine } from "../machine/machine.ts";
import type { StatePaths } from "../paths.ts";
import { postgres } from "../postgres/pool.ts";
import { targetOf } from "../postgres/target.ts";
import type { Settings } from "../settings.ts";
import { supervisor } from "../supervisor/own-supervisor.ts";
import { programsGoneWithout } from "../supervisor/programs/gone-without.ts";
import type { World } from "../world.ts";
import type { Answers } from "./answers.ts";

export interface WorldOptions {
  kind: World["kind"];
  settings: Settings;
  paths: StatePaths;
  machine: Machine;
  answers: Answers;
  /** The secrets that the person gave; looked at each time, because they come and are forgotten. */
  held: Readonly<Secrets>;
}

/** The checkout's folder, with the person's home written out. */
export function checkoutRoot(answer: Answers["checkout"], home: string): string {
  const path = answer.kind === "path" ? answer.path : answer.into;
  return path.startsWith("~/") ? `${home}/${path.slice(2)}` : path;
}

/** The key that is held in memory for the next run, as long as it is there. */
function heldKey({ answers, held }: Pick<WorldOptions, "answers" | "held">): KalshiKey | undefined {
  if (answers.kalshi.kind !== "key" || held.kalshiPrivateKey === undefined) return undefined;
  const { environment, keyId } = answers.kalshi;
  return { environment, keyId, privateKey: parsePrivateKey(held.kalshiPrivateKey).privateKey };
}

/** Everything outside this process for these answers. Nothing is asked or opened before the first question. */
export function worldFor({ kind, settings, paths, machine, answers, held }: WorldOptions): World {
  const checkout = recioCheckout({
    root: checkoutRoot(answers.checkout, settings.home),
    machine,
    paths,
    goOnWithout: programsGoneWithout(answers),
  });
  return {
    kind,
    settings,
    paths,
    machine,
    checkout,
    postgres: postgres({ target: targetOf(answers.database), paths, machine, secrets: () => held }),
    kalshi: kalshi({
      settings,
      environment: answers.kalshi.environment,
      withoutKey: answers.kalshi.kind === "none",
      checkout,
      machine,
      heldKey: () => heldKey({ answers, held }),
    }),
    supervisor: supervisor({ machine, paths, checkout }),
  };
}
