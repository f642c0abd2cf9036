import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { sentence } from "../../../problem.ts";
import { isCritical } from "../../../supervisor/logs/log-lines.ts";
import { startMark } from "../../../supervisor/own-supervisor.ts";
import { spanOfTime } from "../../../supervisor/programs/span-of-time.ts";

/** A critical line that has not come again is spoken of for so long. */
const rememberedMs = 10 * 60_000;
/** How many lines of a log are looked at when it has grown. */
const lookedAt = 200;

interface Seen {
  program: string;
  line: string;
  /** When this probe saw the line first, and how often since. The lines themselves carry no time. */
  at: number;
  count: number;
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
 * Nothing critical was written into the programs' logs lately. It remembers what it has read, so that a line which is
 * not repeated fades after ten minutes; a log that has not grown is not read.
 */
function quietLogs(): AnyProbe {
  const known = new Map<string, { stamp: string; lines: string[] }>();
  let seen: Seen[] = [];
  return probe({
    id: "program-logs-quiet",
    title: "The programs' logs hold no critical error",
    group: "Services",
    label: "checkout",
    everyMs: 20_000,
    async collect({ machine, paths, checkout, supervisor }) {
      const at = Date.now();
      for (const { name } of await checkout.supervised()) {
        for (const stream of ["err", "out"] as const) {
          const path = `${paths.programLogs}/${name}.${stream}.log`;
          const facts = await machine.files.facts(path);
          const stamp = facts ? `${facts.size} ${facts.modifiedAt}` : "";
          const before = known.get(path);
          if (!facts || before?.stamp === stamp) continue;
          const lines = sinceStart(await supervisor.tail(name, stream, lookedAt));
          known.set(path, { stamp, lines });
          for (const line of newLines(lines, before?.lines ?? []).filter(isCritical)) {
            const text = line.slice(0, 200);
            const same = seen.find((one) => one.program === name && one.line === text);
            if (same) Object.assign(same, { at, count: same.count + 1 });
            else seen.push({ program: name, line: text, at, count: 1 });
          }
        }
      }
      seen = seen.filter((one) => at - one.at < rememberedMs);
      return { at, seen: [...seen], logs: known.size };
    },
    judge({ at, seen: found, logs }): Finding {
      if (logs === 0) return { level: "unknown", says: "No program has written a log yet." };
      const [last] = [...found].sort((one, other) => other.at - one.at);
      if (!last) return { level: "ok", says: "No critical line in the last 10 min." };
      const programs = [...new Set(found.map(({ program }) => program))];
      return {
        level: "warn",
        says: `${programs.join(", ")} wrote critical lines, the last ${spanOfTime(at - last.at)} ago: ${last.line}`,
        remedy: sentence(`Read the log of ${last.program}.`),
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
