import type { BackupMade } from "./backup/make-backup.ts";
import type { Stamped } from "./engine/events.ts";
import type { Level } from "./engine/probe.ts";
import type { RunState } from "./engine/state.ts";
import type { Change, ObjectState, Secrets } from "./engine/step.ts";
import type { HealthReport } from "./health/report.ts";
import type { Answers, DraftAnswers } from "./install/answers.ts";
import type { UpdateRehearsal } from "./install/update/rehearse-update.ts";
import type { StatePaths } from "./paths.ts";
import type { Evidence, ProblemFacts, Remedy } from "./problem.ts";
import type { BreakPanel } from "./rehearsal/breaks/panel.ts";
import type { KalshiEnvironment, Settings } from "./settings.ts";

/** One entry of a described plan, as the review page and `npm run plan` show it. */
export interface PlannedEntry {
  kind: "gate" | "step" | "proving";
  id: string;
  title: string;
  why?: string;
  /** Steps only: what would change now. Empty where it is already so. */
  changes: Change[];
  /** What the step looks after, there or missing; only where it has something to change. */
  objects?: ObjectState[];
  /** What a step's description could not be told yet, in one sentence. */
  notYetKnown?: string;
}

export interface DescribedPlan {
  /** What the person consents to: a hash of every entry and change. */
  hash: string;
  entries: PlannedEntry[];
  /** Sentences that the person must have seen before consenting: shims, missing programs, what will not work. */
  notes: string[];
  /** Gate findings as they are now, so that a plan that cannot begin says so before it is consented to; `code` where a problem told it. */
  blockers: { entryId: string; says: string; remedy?: Remedy; code?: string }[];
}

/** One rung of an inquiry (the key's ladder, a connection test) as it is climbed. */
export interface Rung {
  id: string;
  says: string;
  level: Level | "waiting" | "running";
  detail?: string;
  tookMs?: number;
  evidence?: Evidence;
  remedy?: Remedy;
}

/** A read-only job before there is a plan. Its secrets stay in memory. */
export interface InquiryState {
  id: string;
  kind: InquiryInput["kind"];
  rungs: Rung[];
  done: boolean;
  /** Where it is done: may the person go on with this? */
  accepted?: boolean;
  says?: string;
  problem?: ProblemFacts;
  /** Facts that the page shows: programs found, what REC.IO could do with the key. */
  facts?: Record<string, unknown>;
}

export type InquiryInput =
  | { kind: "kalshi-key"; environment: KalshiEnvironment; keyId: string; privateKey: string; passphrase?: string }
  | { kind: "database"; database: Answers["database"]; adminPassword?: string }
  | { kind: "checkout"; checkout: Answers["checkout"] }
  | { kind: "source"; source: Extract<Answers["data"], { kind: "source" }>; password?: string }
  /** Who has copied from a source: asked as a role that may read its access log. */
  | { kind: "source-log"; source: Extract<Answers["data"], { kind: "source" }>; password: string }
  /** Is what was copied still what came? */
  | { kind: "copied-data" };

/** The part of the answers that a key belongs to. */
export type KeyAnswer = Extract<Answers["kalshi"], { kind: "key" }>;

/** A key of a rehearsal's exchange, in a file that holds its id as well. */
export interface SpareKey {
  environment: KalshiEnvironment;
  file: string;
}

export interface RunSummary {
  runId: string;
  purpose: RunState["purpose"];
  /** The runs that an undo takes back. */
  takesBack?: string[];
  startedAt: number;
  status: RunState["status"];
}

/** What the order lock holds, each thing by itself. */
export interface TradingState {
  mode: "none" | "close-only" | "manual" | "all" | "absent";
  /** False where the trigger, an owner or a function is not as we made it. */
  intact: boolean;
  autoEntry?: boolean;
  autoStop?: boolean;
  momentumSpike?: boolean;
  openTrades?: number;
  /** The open trades, one line each: "KXBTCD-26NOV2015-T118000 Y × 3 (open)". */
  trades?: string[];
  attempts: { count: number; lastAt?: number; lastFrom?: string };
  accountMode?: KalshiEnvironment;
  /** This installation came from another machine, and nobody has said yet that it no longer trades there. */
  movedFrom?: { machine: string; madeAt: string };
}

export interface UninstallPlan {
  goes: string[];
  stays: string[];
  /** Whose password has to be given first: roles and a database were made on a server that is not ours. */
  administrator?: { user: string; server: string };
}

export interface SupervisedProgram {
  name: string;
  state: string;
  upForMs?: number;
}

/**
 * The one object on globalThis of the server's process. Pages, route handlers and the CLI doors speak to it; nothing
 * else starts, stops or writes. Every method returns at once or in milliseconds unless it says otherwise; failures that
 * a person can act on are Problems.
 */
export interface Runtime {
  readonly kind: "real" | "rehearsal";
  readonly settings: Settings;
  readonly paths: StatePaths;
  readonly version: string;

  /** The wizard. */
  draft(): Promise<DraftAnswers>;
  saveDraft(patch: DraftAnswers): Promise<DraftAnswers>;
  /** Secrets that are held in memory for the next run: only which ones, never their text. */
  heldSecrets(): { [Name in keyof Secrets]?: true };
  /** Keeps them for the next run; a passphrase opens the key now and is not kept. @throws Problem where the Kalshi key is not one that REC.IO could use. */
  holdSecrets(secrets: Secrets & { kalshiPassphrase?: string }): void;
  forgetSecrets(): void;
  /** REC.IO checkouts found beside the project and in usual places. */
  findCheckouts(): Promise<{ path: string; commit?: string }[]>;
  /** PostgreSQL servers that answer on this machine, in the order of preference. */
  findDatabases(): Promise<
    { kind: "embedded" | "server"; title: string; host?: string; port?: number; version?: string }[]
  >;
  /** A source of system data that this world knows of: the rehearsal's own. */
  findSource(): Promise<{ host: string; port: number; user: string; sslmode: "disable" } | undefined>;
  /** @param ready what has to be there before anything is asked, such as a source that a rehearsal is still making */
  inquire(input: InquiryInput, ready?: () => Promise<unknown>): string;
  inquiry(id: string): InquiryState | undefined;
  followInquiry(id: string, listener: (state: InquiryState) => void): () => void;
  cancelInquiry(id: string): void;

  /** The plan for complete answers, described against the world as it is. Seconds. */
  describePlan(answers: Answers): Promise<DescribedPlan>;
  /** Starts the run, or returns the one in hand. */
  start(answers: Answers, consentHash: string): Promise<{ runId: string }>;
  /** Goes on with an interrupted, failed or stopped run. */
  resume(runId: string): Promise<{ runId: string }>;
  /**
   * What one step would change now, run again. Where it needs the administrator of a server that is not ours, a blocker
   * says so with the code `database.password-missing` or `database.password-wrong`.
   * @param secrets that administrator's password, for this answer alone
   */
  describeRepair(stepId: string, secrets?: Pick<Secrets, "databaseAdminPassword">): Promise<DescribedPlan>;
  /**
   * Another key for the installation, or the other environment: kept in memory together with its secret until the plan
   * is agreed to. @throws Problem where nothing is installed or the text is no key for REC.IO.
   */
  proposeKey(answer: KeyAnswer, privateKey: string, passphrase?: string): void;
  /**
   * Takes a change of the key back, by the same way as it was made: what was installed before that run is proposed, with
   * its key as it was kept.
   * @throws Problem `kalshi.no-key-before` or `kalshi.key-not-kept`
   */
  proposeKeyBefore(runId: string): Promise<void>;
  /** What the proposed key would change: gate, files, the programs that are started anew, and open trades first. */
  describeKeyChange(): Promise<DescribedPlan>;
  /** Carries it out. The installation counts as changed when the run has come to its end, and not before. */
  changeKey(consentHash: string): Promise<{ runId: string }>;
  /**
   * Runs one step again, as the health page's remedy.
   * @param secrets the administrator's password, held until this run has ended
   */
  repair(
    stepId: string,
    consentHash: string,
    secrets?: Pick<Secrets, "databaseAdminPassword" | "sourcePassword">,
  ): Promise<{ runId: string }>;
  /**
   * Takes back what a run did, from its receipts.
   * @param secrets the administrator's password, where a server that is not ours wants it
   * @throws Problem `database.password-missing` or `database.password-wrong`, before anything is taken back.
   */
  undo(runId: string, secrets?: Pick<Secrets, "databaseAdminPassword">): Promise<{ runId: string }>;
  /** Asks the run in hand to stop after what it is doing. */
  stop(runId: string): Promise<void>;
  runs(): Promise<RunSummary[]>;
  runState(runId: string): Promise<RunState | undefined>;
  /** Replays events after `afterSeq`, then follows; returns the way to stop following. */
  followRun(runId: string, afterSeq: number, listener: (event: Stamped) => void): Promise<() => void>;

  /** The answers that are installed, or undefined before that. */
  installation(): Promise<Answers | undefined>;
  /** As its owner sees it; or as anybody on this machine may: without evidence, and without a word of the person's. */
  health(reader?: "owner" | "anybody"): HealthReport;
  /** What the monitor saw: one point a minute and group, newest last. */
  history(sinceMs: number): Promise<{ at: number; group: string; level: string; tookMs: number }[]>;
  /** Asks every probe (or one) again now; resolves when the answers are in. */
  lookAgain(id?: string): Promise<void>;
  programs(): Promise<SupervisedProgram[]>;
  logTail(program: string, stream: "out" | "err", lines: number): Promise<string[]>;
  /** REC.IO itself, in the safe order. Seconds; resolves when it holds. */
  recio(action: "start" | "stop" | "restart", program?: string): Promise<void>;
  /**
   * After a reboot: starts REC.IO where it is installed and its supervisord is gone, and says whether it did. REC.IO that
   * a person has stopped still has its supervisord, and stays stopped.
   */
  bringBack(): Promise<boolean>;
  /** The sentences that a person must have read before REC.IO is stopped: open trades, and the time without their stop. */
  beforeStop(): Promise<string[]>;
  /**
   * What another commit of the checkout would mean for this installation; without a name, what a pull would bring. The
   * working tree stays as it is. Up to a minute.
   */
  rehearseUpdate(commit?: string): Promise<UpdateRehearsal>;
  /**
   * What bringing the installation to another commit would do: looked at first, rows kept, programs stopped, checked out,
   * started and proven. Up to two minutes.
   * @param anyway the person has read what would break
   */
  describeUpdate(commit: string | undefined, anyway: boolean): Promise<DescribedPlan & { to: string }>;
  /** Carries it out. The way back is to take the run back, or the same with the commit before. */
  update(to: string, anyway: boolean, consentHash: string): Promise<{ runId: string }>;
  /** Where REC.IO's own page is, on this machine. */
  recioUrl(): Promise<string>;
  trading(): Promise<TradingState>;
  lockTrading(): Promise<void>;
  /** Only when installed; `typed` must be the word "release". Prod keys need `secondWarningSeen`. */
  releaseTrading(mode: "manual" | "all", typed: string, secondWarningSeen: boolean): Promise<void>;
  /**
   * The person says that the installation which this one came from no longer trades; `typed` must be the word "stopped".
   * Before that nothing is released, and not even a closing order passes.
   */
  confirmMove(typed: string): Promise<void>;
  connectionUri(): Promise<string>;
  /** Writes one encrypted file with which another machine becomes this installation. Minutes. */
  backUp(out: string, passphrase: string): Promise<BackupMade>;
  /** What an uninstall would take back and what it would leave, from the receipts. */
  describeUninstall(): Promise<UninstallPlan>;
  /** @throws Problem, before anything is taken back, where the database's administrator is needed and not let in. */
  uninstall(): Promise<{ takenBack: string[]; left: { stepId: string; says: string }[] }>;

  /** Only in a rehearsal: the switches that break it. */
  readonly breaks?: BreakPanel;
  /** Only in a rehearsal: keys that its exchange knows besides the offered one, for trying a change of the key. */
  readonly spareKeys?: readonly SpareKey[];
  /** Only in a rehearsal: begins to remove every trace of it, this server included. */
  leave?(): Promise<void>;
  /** Only of a real page: opens the rehearsal beside it. A second or two; the link lets one browser in. */
  rehearse?(): Promise<{ link: string }>;

  shutdown(): Promise<void>;
}

const key = Symbol.for("rec-io-setup.runtime");

/** Puts the runtime of this process in its one place. */
export function installRuntime(runtime: Runtime): void {
  (globalThis as { [key]?: Runtime })[key] = runtime;
}

/** The runtime of this process. Throws where none was installed: that is a bug, not a failure of the person's. */
export function runtime(): Runtime {
  const found = (globalThis as { [key]?: Runtime })[key];
  if (!found) throw new Error("no runtime in this process: it is made by lib/server before Next is asked anything");
  return found;
}
