import type { World } from "../world.ts";
import type { Probe, Proof } from "./probe.ts";

/** Anything that JSON can carry; receipts are written to the journal. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * One thing that a step would change, shown before it is done. Deterministic: the same answers on the same world give
 * the same text, so no generated value, no time, no free port that was picked at random.
 */
export interface Change {
  what: "user" | "file" | "folder" | "package" | "program" | "role" | "database" | "sql" | "rows" | "port" | "process";
  /** The path, the statement's object, the package's name. */
  target: string;
  /** One line: the mode of a file, the SQL, how many rows. */
  detail?: string;
}

/** One object that a step looks after, as it stands now: for showing what is there beside what is missing. */
export interface ObjectState {
  /** "users.trades_0001": dots make the tree. */
  name: string;
  is: "there" | "missing" | "wrong";
  /** What is wrong, in one clause. */
  says?: string;
  /** Where the code needs it: "main.py:12 trade_manager.py:40". */
  neededBy?: string;
  /** What would mend it, as it would be run. */
  mend?: string;
}

/** Secrets that the person gave for this run. They live in memory only and are asked again after a crash. */
export interface Secrets {
  /** PEM text of the Kalshi private key, already normalised. */
  kalshiPrivateKey?: string;
  /** The password with which the person will log in to REC.IO. */
  loginPassword?: string;
  /** Password of the administrator of an existing PostgreSQL server. */
  databaseAdminPassword?: string;
  /** Password of the reading role at the source of system data. */
  sourcePassword?: string;
}

/** A piece of a step's work that can be drawn by itself, such as one table of a copy. */
export interface Part {
  /** Within its group. */
  id: string;
  group: string;
  /** In the unit of the step's progress. */
  size: number;
  state: "waiting" | "flowing" | "done" | "failed";
  /** Of `size`, while it flows. */
  done?: number;
}

/** What a running step may use to speak: progress, log lines, and receipts for effects that are already done. */
export interface Job<Receipt extends Json = Json> {
  readonly signal: AbortSignal;
  readonly secrets: Secrets;
  /** At most two of these a second reach the journal; the last one always does. */
  /** `parts` are pieces of the work that are new or have changed. */
  progress(done: number, total: number, unit: string, note?: string, parts?: readonly Part[]): void;
  log(line: string): void;
  /** Writes what has been changed so far, fsynced: the licence to undo it if this process dies now. */
  spent(receiptSoFar: Receipt): Promise<void>;
}

/** What can be taken back of what a step did, from its receipt alone. */
export type Undo<Needs extends keyof World, Receipt extends Json> =
  | { never: string }
  | {
      takeBack(world: Pick<World, Needs>, receipt: Receipt, job: Job<Receipt>): Promise<void>;
      /** One sentence where what this receipt says stays by intention; undefined where it goes. */
      keeps?(receipt: Receipt): string | undefined;
    };

/** Probes that must hold before anything is changed. */
export interface Gate {
  kind: "gate";
  id: string;
  /** A statement: "This machine can carry it". */
  title: string;
  probes: readonly Probe[];
}

/** A change to the world: probes say whether it is needed and whether it took. */
export interface Step<Needs extends keyof World = keyof World, Receipt extends Json = Json> {
  kind: "step";
  /** Verb-object, the name of its file. */
  id: string;
  /** An order: "Create the database role". */
  title: string;
  why: string;
  probes: readonly [Probe, ...Probe[]];
  describe(world: Pick<World, Needs>): Promise<Change[]>;
  /** Every object that the step looks after, where a list of changes alone would not tell what is there. */
  survey?(world: Pick<World, Needs>): Promise<ObjectState[]>;
  run(world: Pick<World, Needs>, job: Job<Receipt>): Promise<Receipt>;
  undo: Undo<Needs, Receipt>;
}

/**
 * Proofs that are carried out in the plan and for ever after. Each is tried again until it holds or `patienceMs` is
 * over; one that is not required is shown, and holds nothing up. What still warms up does not hold: it is waited for as
 * long as patience can see its end, and told as not proven where it cannot.
 */
export interface Proving {
  kind: "proving";
  id: string;
  title: string;
  why: string;
  proofs: readonly { proof: Proof; required: boolean }[];
  patienceMs: number;
}

export type AnyStep = Step;
export type Entry = Gate | Step | Proving;
/** The ordered gates, steps and provings for given answers. */
export type Plan = readonly Entry[];

/** Gives a step its type without naming its parameters twice. */
export function step<Needs extends keyof World, Receipt extends Json>(
  definition: Omit<Step<Needs, Receipt>, "kind">,
): Step<Needs, Receipt> {
  return { kind: "step", ...definition };
}
