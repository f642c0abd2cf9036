import type { World } from "../../world.ts";
import type { OutsideOrder } from "../world/outside-order.ts";

/** What a program, or REC.IO as a whole, says of itself while it lies. */
export interface Claim {
  /** "trade_manager", "GET /api/active_trades". */
  who: string;
  /** "RUNNING", "200, healthy". */
  says: string;
  /** It looks good: that is the lie. */
  good: boolean;
}

/** What a break may use: the installed world behind the installer's back, and the stand-ins of the outside. */
export interface BreakGround {
  world: World;
  /** Tells the stand-ins of the feeds and of the exchange what goes wrong. */
  control(path: string, body: object): Promise<void>;
  speak(dialect: OutsideOrder["dialect"]): Promise<void>;
  /**
   * Runs a step again, as the health page's remedy does; resolves when it is done.
   * @param consentHash of the plan that was shown; without it the plan as it is now, for what only puts things back
   * @throws Problem with the run's own reason where it is not done.
   */
  repair(stepId: string, consentHash?: string): Promise<void>;
  /** Runs the checkout's generator of the supervisor's list where it can change nothing; the status it ends with. */
  generate(): Promise<number | null>;
}

/** One way in which REC.IO looks well and is not: a switch of the panel, and a test. */
export interface Break {
  /** The file's name. */
  name: string;
  /** What the switch says. */
  title: string;
  expects: {
    /** The findings one of which must turn. */
    probes: readonly string[];
    /** How loud it must be. "ok" for a false alarm: there the program cries and we must not. */
    level: "fail" | "warn" | "ok";
    /** What the finding must name. */
    cause: RegExp;
  };
  /** Until we must know. */
  withinMs: 5_000 | 15_000;
  /** The step whose button mends it; absent where only switching back does. */
  remedy?: { stepId: string; says: string };
  /** Switches that work on the same thing in another way: one of them at a time. */
  apartFrom?: readonly string[];
  claims(ground: BreakGround): Promise<Claim[]>;
  /** Breaks it. What was said while it broke is a claim that stays. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most switches break something without a word.
  throw(ground: BreakGround): Promise<Claim[] | void>;
  /** Puts everything back as it was; harmless where nothing is broken, or a remedy has mended it. */
  mend(ground: BreakGround): Promise<void>;
}

export const soon = 15_000;
export const atOnce = 5_000;
