import type { ProblemFacts } from "../problem.ts";
import type { RunEvent, Stamped } from "./events.ts";
import type { Finding } from "./probe.ts";
import type { Change, Json, Part } from "./step.ts";

export type EntryStatus = "waiting" | "running" | "already" | "done" | "failed" | "blocked" | "takenBack" | "left";

export interface EntryState {
  kind: "gate" | "step" | "proving";
  id: string;
  title: string;
  why?: string;
  changes: Change[];
  status: EntryStatus;
  /** The evidence at the right of the row: what the probes said last. */
  says?: string;
  /** What is left stays by intention: nothing went wrong. */
  stays?: true;
  /** One a probe, as it was last asked: before the step ran (or by a gate), or after it. */
  findings: {
    probeId: string;
    title: string;
    when: "before" | "after";
    finding: Finding;
    tookMs: number;
    at: number;
  }[];
  progress?: {
    done: number;
    total: number;
    unit: string;
    note?: string;
    at: number;
    startedAt: number;
    /** Pieces of the work, in the order in which they were first told. */
    parts?: Part[];
  };
  startedAt?: number;
  tookMs?: number;
  problem?: ProblemFacts;
  /** One for each attempt that changed something, oldest first: the licence to undo it. */
  receipts: Json[];
  /** True while the last receipt belongs to the attempt in hand and may still grow. */
  spending: boolean;
}

/** Everything that a page needs to draw one run. */
export interface RunState {
  runId: string;
  purpose: "install" | "repair" | "update" | "undo";
  /** The commit of an update. */
  subject?: string;
  planHash: string;
  /** The world of this run is one for trying. */
  rehearsal?: true;
  status: "unborn" | "running" | "done" | "failed" | "blocked" | "stopped" | "interrupted";
  startedAt: number;
  finishedAt?: number;
  lastSeq: number;
  entries: EntryState[];
  /** The last 300 log lines. */
  log: { at: number; entryId: string; line: string }[];
}

export const unbornRun: RunState = {
  runId: "",
  purpose: "install",
  planHash: "",
  status: "unborn",
  startedAt: 0,
  lastSeq: 0,
  entries: [],
  log: [],
};

const keptLogLines = 300;

function withEntry(state: RunState, id: string, change: (entry: EntryState) => EntryState): RunState {
  return { ...state, entries: state.entries.map((entry) => (entry.id === id ? change(entry) : entry)) };
}

/** A resumed or re-run entry begins anew, but keeps its receipts: what was changed stays changed. */
function begun(entry: EntryState, at: number): EntryState {
  const { problem: _problem, progress: _progress, tookMs: _tookMs, says: _says, ...kept } = entry;
  return { ...kept, status: "running", findings: [], spending: false, startedAt: at };
}

/** What is told of a piece replaces what was known of it. */
function withParts(known: readonly Part[] = [], changed: readonly Part[] = []): { parts?: Part[] } {
  if (changed.length === 0) return known.length === 0 ? {} : { parts: [...known] };
  const all = new Map(known.map((part) => [`${part.group} ${part.id}`, part]));
  for (const part of changed) all.set(`${part.group} ${part.id}`, part);
  return { parts: [...all.values()] };
}

/** A receipt replaces the earlier one of the same attempt, and stands beside those of earlier attempts. */
function receipted(entry: EntryState, receipt: Json): EntryState {
  const earlier = entry.spending ? entry.receipts.slice(0, -1) : entry.receipts;
  return { ...entry, receipts: [...earlier, receipt], spending: true };
}

function apply(state: RunState, event: RunEvent, at: number): RunState {
  switch (event.type) {
    case "run.started":
      return {
        ...state,
        runId: event.runId,
        purpose: event.purpose,
        planHash: event.planHash,
        ...(event.subject === undefined ? {} : { subject: event.subject }),
        ...(event.rehearsal ? { rehearsal: event.rehearsal } : {}),
        status: "running",
        startedAt: at,
        entries: event.entries.map((entry) => ({
          ...entry,
          changes: entry.changes ?? [],
          status: "waiting" as const,
          findings: [],
          receipts: [],
          spending: false,
        })),
      };
    case "run.resumed": {
      const { finishedAt: _finishedAt, ...kept } = state;
      const entries = state.entries.map((entry) =>
        entry.status === "running" || entry.status === "failed" || entry.status === "blocked"
          ? { ...entry, status: "waiting" as const }
          : entry,
      );
      return { ...kept, status: "running", entries };
    }
    case "run.finished":
      return {
        ...state,
        status: event.outcome,
        finishedAt: at,
        entries: state.entries.map((entry) =>
          entry.status === "running" ? { ...entry, status: "waiting" as const } : entry,
        ),
      };
    case "entry.started":
      return withEntry(state, event.entryId, (entry) => begun(entry, at));
    case "probe.found":
      return withEntry(state, event.entryId, (entry) => ({
        ...entry,
        findings: [
          ...entry.findings.filter((found) => found.probeId !== event.probeId),
          {
            probeId: event.probeId,
            title: event.title,
            when: event.when,
            finding: event.finding,
            tookMs: event.tookMs,
            at,
          },
        ],
      }));
    case "entry.already":
      return withEntry(state, event.entryId, (entry) => ({
        ...entry,
        status: "already",
        says: event.says,
        tookMs: event.tookMs,
      }));
    case "step.intended":
      return withEntry(state, event.entryId, (entry) => ({ ...entry, changes: event.changes }));
    case "step.progressed":
      return withEntry(state, event.entryId, (entry) => ({
        ...entry,
        progress: {
          done: event.done,
          total: event.total,
          unit: event.unit,
          ...(event.note === undefined ? {} : { note: event.note }),
          at,
          startedAt: entry.progress?.startedAt ?? at,
          ...withParts(entry.progress?.parts, event.parts),
        },
      }));
    case "step.logged":
      return { ...state, log: [...state.log, { at, entryId: event.entryId, line: event.line }].slice(-keptLogLines) };
    case "step.spent":
    case "step.receipted":
      return withEntry(state, event.entryId, (entry) => receipted(entry, event.receipt));
    case "entry.done":
      return withEntry(state, event.entryId, (entry) => ({
        ...entry,
        status: "done",
        says: event.says,
        tookMs: event.tookMs,
      }));
    case "entry.failed":
    case "entry.blocked":
      return withEntry(state, event.entryId, (entry) => ({
        ...entry,
        status: event.type === "entry.failed" ? "failed" : "blocked",
        problem: event.problem,
        says: event.problem.says,
        tookMs: event.tookMs,
      }));
    case "step.takenBack":
      return withEntry(state, event.entryId, (entry) => ({ ...entry, status: "takenBack", says: event.says }));
    case "step.notTakenBack":
      return withEntry(state, event.entryId, (entry) => ({
        ...entry,
        status: "left",
        says: event.says,
        ...(event.stays ? { stays: true } : {}),
      }));
  }
}

/**
 * One more event of a run. Pure: the server paints a page with it, the browser follows with it, a resumed process
 * learns from it where it stands. An event that was already folded changes nothing, so replays may overlap.
 */
export function foldRun(state: RunState, { seq, at, event }: Stamped): RunState {
  if (seq <= state.lastSeq) return state;
  return { ...apply(state, event, at), lastSeq: seq };
}
