import type { Evidence, Label, Remedy } from "../problem.ts";
import type { World } from "../world.ts";

/** The groups of the health page, in the order in which they are drawn there. */
export const groups = ["Machine", "Checkout", "Database", "Data", "Prices", "Kalshi", "Services", "Safety"] as const;
export type Group = (typeof groups)[number];

/**
 * The answer of a probe or a proof, in one sentence.
 * `label` overrides the probe's own label where the fault turned out to be somebody else's.
 * `objects` names every object that is missing or wrong, as `schema.table.column` where it is one of the database.
 */
export type Finding = { says: string; label?: Label; evidence?: Evidence; objects?: readonly string[] } & (
  | { level: "ok" }
  | { level: "warn"; remedy: Remedy; warmingUp?: WarmingUp }
  | { level: "fail"; remedy: Remedy }
  // What stands in the way of an answer can often be mended too.
  | { level: "unknown"; remedy?: Remedy; warmingUp?: WarmingUp }
);

/**
 * On a finding that is not good yet and becomes so by itself. The health page shows it in amber and counts it as held;
 * a proving waits for it, and where it cannot, nothing is called proven.
 */
export interface WarmingUp {
  /** After at most so many seconds it has come, or it is a failure. */
  secondsLeft: number;
}

/** How long a finding is to be waited for until it is whole, in seconds; undefined where there is nothing to wait for. Pure. */
export function secondsOfWarmUp(finding: Finding): number | undefined {
  return "warmingUp" in finding ? finding.warmingUp?.secondsLeft : undefined;
}

export type Level = Finding["level"];

interface Question {
  /** Kebab-case, unique in the product, stable. */
  id: string;
  /** A statement: "Role rec_io_user can log in". */
  title: string;
  group: Group;
  label: Label;
  /** How often the health page asks, in milliseconds. */
  everyMs: number;
  /** Older than this, an answer is stale and no longer green. Default: the larger of 60 s and twice `everyMs`. */
  staleAfterMs?: number;
  /** The answer is given up as unknown after this many milliseconds. Default 10 000. */
  timeoutMs?: number;
  /** Others rest on what this looks at: while it fails, their failures about the same objects are no reasons of their own. */
  foundation?: true;
}

/** One question about the world: `collect` reads (never writes), `judge` is pure. */
export interface Probe<Needs extends keyof World = keyof World, Facts = unknown> extends Question {
  kind: "probe";
  /** Looks. May throw a Problem or any error: the engine turns that into "unknown" (or what `onError` says). */
  collect(world: Pick<World, Needs>, signal: AbortSignal): Promise<Facts>;
  judge(facts: Facts): Finding;
}

/**
 * The other kind of question: it *does* something harmless through a service (a marked canary, written, read back and
 * removed), and says what it saw. It cleans up after itself, also after a crash in an earlier attempt.
 */
export interface Proof<Needs extends keyof World = keyof World> extends Question {
  kind: "proof";
  /** The supervised program that this proves, if it proves one. */
  program?: string;
  prove(world: Pick<World, Needs>, signal: AbortSignal): Promise<Finding>;
}

export type AnyProbe = Probe;
export type AnyProof = Proof;

/** Gives a probe its type without naming its parameters twice. */
export function probe<Needs extends keyof World, Facts>(
  definition: Omit<Probe<Needs, Facts>, "kind">,
): Probe<Needs, Facts> {
  return { kind: "probe", ...definition };
}

/** Gives a proof its type without naming its parameters twice. */
export function proof<Needs extends keyof World>(definition: Omit<Proof<Needs>, "kind">): Proof<Needs> {
  return { kind: "proof", ...definition };
}

/** How old an answer may be before it is stale, in milliseconds. */
export function staleAfterMs(question: Pick<Question, "everyMs" | "staleAfterMs">): number {
  return question.staleAfterMs ?? Math.max(60_000, 2 * question.everyMs);
}
