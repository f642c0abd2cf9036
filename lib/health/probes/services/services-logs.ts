import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { sentence } from "../../../problem.ts";
import { isCritical, isLasting } from "../../../supervisor/logs/log-lines.ts";
import { startMark } from "../../../supervisor/own-supervisor.ts";
import { spanOfTime } from "../../../supervisor/programs/span-of-time.ts";
import { fullBytes } from "../machine/machine.ts";

/** How many lines of a log are looked at when it has grown. */
const lookedAt = 200;
const everyMs = 10_000;
/** A fault that was written again and again, and just now, is not over. */
const often = 3;
const justNowMs = 2 * everyMs;
const leastSilenceMs = 4_000;

interface Seen {
  program: string;
  line: string;
  /**
   * The look before the one that saw the line first (undefined where there was none), the last look that saw it anew, and
   * how often it was seen in all. The lines themselves carry no time.
   */
  notBefore: number | undefined;
  at: number;
  count: number;
}

/**
 * How long a fault must be silent, in milliseconds, until it is over: three times as long as its own rhythm, which is
 * known when there was a look before it. Pure.
 */
export function silenceMs({ notBefore, at, count }: Pick<Seen, "notBefore" | "at" | "count">): number {
  if (notBefore === undefined) return justNowMs;
  return Math.min(justNowMs, Math.max(leastSilenceMs, (3 * (at - notBefore)) / count));
}

/** The lines since the last start by us. Pure. */
export function sinceStart(lines: readonly string[]): string[] {
  const mark = lines.findLastIndex((line) => line.startsWith(startMark));
  return lines.slice(mark + 1);
}

/** The lines that are new: those behind the last look's final lines, found again in what is there now. Pure. */
export function newLines(now: readonly string[], before: readonly string[]): string[] {
  const last = before.slice(-3);
  if (last.length === 0) return [...now];
  for (let end = now.length; end >= last.length; end -= 1) {
    if (last.every((line, index) => now[end - last.length + index] === line)) return now.slice(end);
  }
  return [...now];
}

/**
 * Nothing critical was written into a program's logs since it was started. What was written stays a warning for as long as
 * that process lives, because nobody can tell from outside whether it went on well; a fault of this machine that goes on
 * being written is a failure. A log that has not grown is not read.
 */
function quietLogs(): AnyProbe {
  const known = new Map<string, { stamp: string; lines: string[] }>();
  const marks = new Map<string, string>();
  let seen: Seen[] = [];
  let lookBefore: number | undefined;
  return probe({
    id: "program-logs-quiet",
    title: "The programs' logs hold no critical error",
    group: "Services",
    label: "checkout",
    everyMs,
    async collect({ machine, paths, checkout, supervisor }) {
      const at = Date.now();
      const running =
        (await supervisor.daemon().catch(() => undefined)) === undefined ? [] : await supervisor.programs();
      for (const { name } of await checkout.supervised()) {
        for (const stream of ["err", "out"] as const) {
          const path = `${paths.programLogs}/${name}.${stream}.log`;
          const facts = await machine.files.facts(path);
          const stamp = facts ? `${facts.size} ${facts.modifiedAt}` : "";
          const before = known.get(path);
          if (!facts || before?.stamp === stamp) continue;
          const tail = await supervisor.tail(name, stream, lookedAt);
          const lines = sinceStart(tail);
          known.set(path, { stamp, lines });
          // supervisord counts starts in whole seconds; our own mark, the same in both logs, tells them apart.
          const mark = tail.findLast((line) => line.startsWith(startMark)) ?? "";
          if (mark > (marks.get(name) ?? "")) {
            marks.set(name, mark);
            seen = seen.filter((one) => one.program !== name);
          }
          for (const line of newLines(lines, before?.lines ?? []).filter(isCritical)) {
            const text = line.slice(0, 200);
            const same = seen.find((one) => one.program === name && one.line === text);
            if (same) Object.assign(same, { at, count: same.count + 1 });
            else seen.push({ program: name, line: text, notBefore: lookBefore, at, count: 1 });
          }
        }
      }
      lookBefore = at;
      // A program that was started since is another process, with nothing critical of its own yet.
      seen = seen.filter((one) => one.at >= (running.find(({ name }) => name === one.program)?.startedAt ?? 0));
      const full = (await machine.freeBytes(paths.programLogs)) < fullBytes;
      return { at, seen: [...seen], logs: known.size, full };
    },
    judge({ at, seen: found, logs, full }): Finding {
      // supervisord goes on and keeps what it cannot write for itself: a log that stands still then says nothing.
      if (full)
        return {
          level: "unknown",
          says: "The disk of the programs' logs is full, so nobody knows what they would have written.",
        };
      if (logs === 0) return { level: "unknown", says: "No program has written a log yet." };
      const [last] = [...found].sort((one, other) => other.at - one.at);
      if (!last) return { level: "ok", says: "No critical line since the programs were started." };
      const goingOn = found.find((one) => isLasting(one.line) && one.count >= often && at - one.at < silenceMs(one));
      const programs = [...new Set(found.map(({ program }) => program))];
      const told = goingOn ?? last;
      return {
        level: goingOn ? "fail" : "warn",
        says: goingOn
          ? `${goingOn.program} goes on writing: ${goingOn.line}`
          : `${programs.join(", ")} wrote critical lines since the start, the last ${spanOfTime(at - last.at)} ago: ${last.line}`,
        remedy: goingOn
          ? sentence(
              `Mend what the line names, then restart ${told.program} with npm run recio -- restart ${told.program}.`,
            )
          : sentence(`Read the log of ${last.program}; the line goes when the program is restarted.`),
        objects: programs,
        evidence: {
          asked: `the last ${lookedAt} lines of both logs of every program`,
          cameBack: found
            .map(({ program, line, count }) => `${program}: ${line}${count > 1 ? ` (${count} times)` : ""}`)
            .join("\n"),
        },
      };
    },
  });
}

/** What REC.IO's programs say of themselves. */
export function serviceLogProbes(): [AnyProbe] {
  return [quietLogs()];
}
