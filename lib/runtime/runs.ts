import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Answer } from "../engine/ask.ts";
import type { Consent } from "../engine/consent.ts";
import type { DescribedEntry } from "../engine/describe.ts";
import { execute } from "../engine/execute.ts";
import { type Journal, openJournal, readRun } from "../engine/journal.ts";
import type { Proof } from "../engine/probe.ts";
import type { RunState } from "../engine/state.ts";
import type { Plan, Secrets } from "../engine/step.ts";
import { type Debt, type Found, takeBack, undoEntryId } from "../engine/undo.ts";
import type { AnswerRecords } from "../install/answer-records.ts";
import { type Answers, answers as answersSchema } from "../install/answers.ts";
import type { Files } from "../machine/machine.ts";
import { Problem, sentence } from "../problem.ts";
import type { RunSummary } from "../runtime.ts";
import type { World } from "../world.ts";

/** What is needed to begin a run or to go on with one. */
export interface Undertaking {
  purpose: RunSummary["purpose"];
  /** The commit of an update. */
  subject?: string;
  answers: Answers;
  plan: Plan;
  world: World;
  secrets: Secrets;
  /** The installation's answers as they were, where the run will make others of them. */
  before?: Answers;
}

export interface RunsOptions {
  files: Files;
  /** The world of these runs is one for trying: their journals say so. */
  rehearsal?: boolean;
  records: AnswerRecords;
  /** Folder of all runs in the state. */
  folder: string;
  onProof: (proof: Proof, answer: Answer) => void;
  onBug: (thrown: unknown, where: string) => void;
  /** Told when a run begins and when it has ended. */
  onTurn: (state: RunState, running: boolean) => void | Promise<void>;
}

export interface Runs {
  /** The run in hand, if there is one. */
  current(): string | undefined;
  begin(undertaking: Undertaking, entries: readonly DescribedEntry[], hash: string): Promise<string>;
  resume(runId: string, undertaking: Undertaking): Promise<void>;
  undo(owed: readonly Debt[], find: (debt: Debt) => Found | undefined): Promise<string>;
  stop(runId: string): void;
  state(runId: string): Promise<RunState | undefined>;
  /** All runs, oldest first. */
  all(): Promise<RunState[]>;
  answersOf(runId: string): Promise<Answers | undefined>;
  /** What the installation's answers were before this run, where it was to make others of them. */
  answersBefore(runId: string): Promise<Answers | undefined>;
  follow(runId: string, afterSeq: number, listener: Parameters<Journal["follow"]>[1]): () => void;
  /** Resolves when the run in hand has ended. */
  settled(): Promise<void>;
}

/** Sortable by time, readable, and unguessable enough not to collide. */
function newRunId(): string {
  return `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-${randomBytes(3).toString("hex")}`;
}

const runIdForm = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{6}$/;

/**
 * The runs of this installation. Opening them finds what a crash left behind: a run that says "running" while nobody
 * runs it is written off as interrupted, so that a page can offer to go on.
 */
export async function openRuns({
  files,
  records,
  rehearsal,
  folder,
  onProof,
  onBug,
  onTurn,
}: RunsOptions): Promise<Runs> {
  const label = rehearsal ? ({ rehearsal: true } as const) : {};
  const journals = new Map<string, Journal>();
  let inHand: { runId: string; stop: AbortController; ended: Promise<void> } | undefined;
  await files.makeFolder(folder, 0o700);

  const at = (runId: string, ...parts: string[]) => join(folder, runId, ...parts);
  const ids = async () => (await files.list(folder)).filter((name) => runIdForm.test(name)).sort();

  function journalOf(runId: string): Journal {
    const open = journals.get(runId) ?? openJournal(at(runId));
    journals.set(runId, open);
    return open;
  }

  for (const runId of await ids()) {
    if (readRun(at(runId))?.status === "running")
      journalOf(runId).append({ type: "run.finished", outcome: "interrupted" });
  }

  /** Carries a run to its end, apart from whoever asked for it. */
  function carry(runId: string, work: (signal: AbortSignal) => Promise<"done" | "failed" | "blocked" | "stopped">) {
    const journal = journalOf(runId);
    const stop = new AbortController();
    const ended = (async () => {
      await onTurn(journal.state(), true);
      const outcome = await work(stop.signal).catch((thrown: unknown) => {
        onBug(thrown, `run ${runId}`);
        return "failed" as const;
      });
      journal.append({ type: "run.finished", outcome });
      inHand = undefined;
      await onTurn(journal.state(), false);
    })().catch((thrown: unknown) => onBug(thrown, `run ${runId}`));
    inHand = { runId, stop, ended };
  }

  function carryPlan(runId: string, { plan, world, secrets }: Undertaking, consent: Consent) {
    carry(runId, (signal) =>
      execute({ plan, world, secrets, consent, signal, journal: journalOf(runId), onProof, onBug }),
    );
  }

  // A run is in hand only when its records are written: whoever asks meanwhile waits, and then gets that one.
  let turn: Promise<unknown> = Promise.resolve();
  function oneAfterAnother<Given extends unknown[], Value>(work: (...given: Given) => Promise<Value>) {
    return (...given: Given): Promise<Value> => {
      const mine = turn.then(() => work(...given));
      turn = mine.catch(() => undefined);
      return mine;
    };
  }

  const stateOf = (runId: string): RunState | undefined =>
    runIdForm.test(runId) ? (journals.get(runId)?.state() ?? readRun(at(runId))) : undefined;

  const answersIn = async (runId: string, file: string): Promise<Answers | undefined> =>
    runIdForm.test(runId) ? records.read(at(runId, file), answersSchema) : undefined;

  return {
    current: () => inHand?.runId,
    begin: oneAfterAnother(async (undertaking, entries, hash) => {
      if (inHand) return inHand.runId;
      const runId = newRunId();
      const consent: Consent = Object.fromEntries(entries.map((entry) => [entry.id, entry.changes]));
      await files.makeFolder(at(runId), 0o700);
      await files.write(at(runId, "consent.json"), JSON.stringify(consent), 0o600);
      await records.write(at(runId, "answers.json"), undertaking.answers);
      if (undertaking.before) await records.write(at(runId, "answers-before.json"), undertaking.before);
      journalOf(runId).append({
        type: "run.started",
        runId,
        purpose: undertaking.purpose,
        ...(undertaking.subject === undefined ? {} : { subject: undertaking.subject }),
        planHash: hash,
        pid: process.pid,
        ...label,
        entries: entries.map(({ notYetKnown: _notYetKnown, ...entry }) => entry),
      });
      carryPlan(runId, undertaking, consent);
      return runId;
    }),
    resume: oneAfterAnother(async (runId, undertaking) => {
      if (inHand) {
        if (inHand.runId === runId) return;
        throw anotherRun();
      }
      const text = await files.read(at(runId, "consent.json"));
      if (text === undefined) throw notThere(runId);
      journalOf(runId).append({ type: "run.resumed", pid: process.pid });
      carryPlan(runId, undertaking, JSON.parse(text) as Consent);
    }),
    undo: oneAfterAnother(async (owed, find) => {
      if (inHand) throw anotherRun();
      const runId = newRunId();
      await files.makeFolder(at(runId), 0o700);
      const parts = new Map(owed.map((debt) => [undoEntryId(debt), debt]));
      const title = (debt: Debt) => `Take back: ${find(debt)?.step.title ?? debt.stepId}`;
      journalOf(runId).append({
        type: "run.started",
        runId,
        purpose: "undo",
        planHash: "",
        pid: process.pid,
        ...label,
        entries: [...parts].map(([id, debt]) => ({ kind: "step" as const, id, title: title(debt) })),
      });
      carry(runId, async (signal) => ((await takeBack(owed, find, journalOf(runId), signal)) ? "done" : "failed"));
      return runId;
    }),
    stop(runId) {
      if (inHand?.runId === runId) inHand.stop.abort();
    },
    state: async (runId) => stateOf(runId),
    all: async () => (await ids()).map(stateOf).filter((state) => state !== undefined),
    answersOf: (runId) => answersIn(runId, "answers.json"),
    answersBefore: (runId) => answersIn(runId, "answers-before.json"),
    follow: (runId, afterSeq, listener) => journalOf(runId).follow(afterSeq, listener),
    settled: async () => inHand?.ended,
  };
}

/** What is told to whoever wants a run while a different one is in hand. */
export function anotherRun(): Problem {
  return new Problem({
    code: "install.already-running",
    says: "Another run is in hand.",
    remedy: sentence("Wait until it has ended, or stop it."),
  });
}

function notThere(runId: string): Problem {
  return new Problem({
    code: "install.no-such-run",
    says: `There is no run ${runId} to go on with.`,
    remedy: sentence("Begin a new one from the review page."),
  });
}
