import type { Finding } from "../../../engine/probe.ts";
import { type Evidence, sentence } from "../../../problem.ts";

interface Warming {
  /** What warms up, with its verb: "BTC prices are". */
  what: string;
  /** Seconds for which the program has been up; undefined where it does not run or that is not known. */
  up: number | undefined;
  /** Seconds after a start within which it has come, or it is a failure. */
  needed: number;
}

function leftOf({ up, needed }: Warming): number | undefined {
  return up === undefined || up >= needed ? undefined : Math.ceil(needed - up);
}

/**
 * "Unknown" for something that a program which has just started cannot have yet; undefined where it had time enough.
 * Pure.
 */
export function warmingUp(warming: Warming): Finding | undefined {
  const secondsLeft = leftOf(warming);
  if (secondsLeft === undefined) return undefined;
  return {
    level: "unknown",
    says: `${warming.what} warming up, ${secondsLeft} s left.`,
    warmingUp: { secondsLeft },
  };
}

/** The same as a warn, for what is only incomplete yet: it is seen to work, and the rest comes by itself. Pure. */
export function stillFilling(warming: Warming, evidence?: Evidence): Finding | undefined {
  const finding = warmingUp(warming);
  return (
    finding && {
      ...finding,
      level: "warn",
      ...(evidence ? { evidence } : {}),
      remedy: sentence("Nothing is to be done: it comes by itself."),
    }
  );
}
