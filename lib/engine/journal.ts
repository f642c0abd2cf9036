import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isProblem, Problem, sentence } from "../problem.ts";
import { type RunEvent, type Stamped, stamped } from "./events.ts";
import { foldRun, type RunState, unbornRun } from "./state.ts";

export type Unfollow = () => void;

/** The truth about one run: append-only, on disk before anybody is told. */
export interface Journal {
  append(event: RunEvent): Stamped;
  /** Replays what is newer than `afterSeq`, at once and in order, then follows. */
  follow(afterSeq: number, listener: (event: Stamped) => void): Unfollow;
  state(): RunState;
  close(): void;
}

/** Events that may be lost in a power cut without harm; all others are fsynced before they are told. */
const cheap: ReadonlySet<RunEvent["type"]> = new Set(["step.progressed", "step.logged"]);

/** One line of the readable installation.log for an event, or none where a person would learn nothing from it. */
function readable({ at, event }: Stamped): string | undefined {
  const time = new Date(at).toISOString();
  const line = (text: string) => `${time}  ${text}\n`;
  switch (event.type) {
    case "run.started":
      return line(
        `${event.rehearsal ? "rehearsal: " : ""}${event.purpose} ${event.runId} begins, plan ${event.planHash.slice(0, 12)}`,
      );
    case "run.resumed":
      return line("goes on");
    case "run.finished":
      return line(`ends: ${event.outcome}`);
    case "entry.started":
      return line(`${event.entryId}`);
    case "probe.found":
      return line(`${event.entryId}  ${event.finding.level.padEnd(7)} ${event.finding.says}`);
    case "entry.already":
      return line(`${event.entryId}  already so: ${event.says}`);
    case "step.intended":
      return event.changes
        .map((change) =>
          line(
            `${event.entryId}  will change ${change.what} ${change.target}${change.detail ? ` (${change.detail})` : ""}`,
          ),
        )
        .join("");
    case "step.logged":
      return line(`${event.entryId}  | ${event.line}`);
    case "step.receipted":
      return line(`${event.entryId}  receipt ${JSON.stringify(event.receipt).slice(0, 2000)}`);
    case "entry.done":
      return line(`${event.entryId}  done in ${(event.tookMs / 1000).toFixed(1)} s: ${event.says}`);
    case "entry.failed":
    case "entry.blocked":
      return line(
        `${event.entryId}  ${event.type === "entry.failed" ? "FAILED" : "BLOCKED"} ${event.problem.code}: ${event.problem.says}${event.problem.remedy ? ` ${event.problem.remedy.says}` : ""}`,
      );
    case "step.takenBack":
      return line(`${event.entryId}  taken back: ${event.says}`);
    case "step.notTakenBack":
      return line(`${event.entryId}  left: ${event.says}`);
    case "step.progressed":
    case "step.spent":
      return undefined;
  }
}

/**
 * The whole events of a journal's text. A last line that was torn by a crash is left out: it was never told to anybody.
 * @throws Error where a line before the last cannot be read: the file was changed by somebody else.
 */
export function readJournal(text: string): { events: Stamped[]; wholeBytes: number } {
  const events: Stamped[] = [];
  let wholeBytes = 0;
  let from = 0;
  for (;;) {
    const end = text.indexOf("\n", from);
    if (end < 0) return { events, wholeBytes };
    const line = text.slice(from, end);
    events.push(stamped.parse(JSON.parse(line)));
    wholeBytes += Buffer.byteLength(line) + 1;
    from = end + 1;
  }
}

/** The last words of a step and of a run. */
const ends: ReadonlySet<RunEvent["type"]> = new Set(["entry.failed", "entry.blocked", "run.finished"]);

const isDiskFull = (thrown: unknown) =>
  ["ENOSPC", "EDQUOT"].includes((thrown as NodeJS.ErrnoException | undefined)?.code ?? "");

function diskFull(folder: string): Problem {
  return new Problem({
    code: "machine.disk-full",
    says: `There is no space left for ${folder}.`,
    remedy: sentence("Free some disk space and go on; nothing was written half."),
  });
}

/** The readable log repeats what the journal says: a disk without room may cost a line of it, and nothing else. */
function writeReadable(log: number, text: string): void {
  try {
    writeFileSync(log, text);
  } catch (thrown) {
    if (!isDiskFull(thrown)) throw thrown;
  }
}

/** The state of a run on disk, folded from its journal, or undefined where there is none. Reads only. */
export function readRun(folder: string): RunState | undefined {
  const file = join(folder, "journal.ndjson");
  if (!existsSync(file)) return undefined;
  return readJournal(readFileSync(file, "utf8")).events.reduce(foldRun, unbornRun);
}

/**
 * Opens the journal in a folder, making folder (0700) and files (0600) where they are missing.
 * @param now milliseconds since the epoch; a test moves it.
 */
export function openJournal(folder: string, now: () => number = Date.now): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "journal.ndjson");
  const { events, wholeBytes } = existsSync(path)
    ? readJournal(readFileSync(path, "utf8"))
    : { events: [], wholeBytes: 0 };
  const file = openSync(path, "a", 0o600);
  ftruncateSync(file, wholeBytes);
  const log = openSync(join(folder, "installation.log"), "a", 0o600);
  const listeners = new Set<(event: Stamped) => void>();
  let state = events.reduce(foldRun, unbornRun);
  let size = wholeBytes;
  /** Lines of ends that were told although the disk had no room for them; written before anything else is. */
  let owed = "";

  /** Whole or not at all: a torn line before another one would make the journal unreadable. */
  function write(lines: string, durable: boolean): void {
    try {
      writeFileSync(file, lines);
      if (durable) fsyncSync(file);
      size += Buffer.byteLength(lines);
    } catch (thrown) {
      ftruncateSync(file, size);
      throw isDiskFull(thrown) ? diskFull(folder) : thrown;
    }
  }

  return {
    append(event) {
      const next: Stamped = { seq: state.lastSeq + 1, at: now(), event };
      const line = `${JSON.stringify(next)}\n`;
      try {
        write(owed + line, owed !== "" || !cheap.has(event.type));
        owed = "";
      } catch (thrown) {
        // Why a run ended has to be told also where it cannot be written; after a crash it reads as interrupted.
        if (!isProblem(thrown) || !ends.has(event.type)) throw thrown;
        owed += line;
      }
      const text = readable(next);
      if (text) writeReadable(log, text);
      events.push(next);
      state = foldRun(state, next);
      for (const listener of [...listeners]) listener(next);
      return next;
    },
    follow(afterSeq, listener) {
      for (const event of events.slice(Math.max(0, afterSeq))) listener(event);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: () => state,
    close() {
      listeners.clear();
      closeSync(file);
      closeSync(log);
    },
  };
}
