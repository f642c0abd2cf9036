import type { EntryState, RunState } from "../engine/state.ts";
import type { ObjectState } from "../engine/step.ts";
import type { HealthReport } from "../health/report.ts";
import type { UpdateRehearsal } from "../install/update/rehearse-update.ts";
import type { DescribedPlan, TradingState } from "../runtime.ts";

const words: Record<EntryState["status"], string> = {
  waiting: "waiting",
  running: "…",
  already: "already so",
  done: "done",
  failed: "FAILED",
  blocked: "BLOCKED",
  takenBack: "taken back",
  left: "left",
};

function seconds(ms: number | undefined): string {
  return ms === undefined ? "" : ` (${ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`})`;
}

/** Lines for what happened in a run between two looks at it: entries that turned, and progress. Pure. */
export function newLines(before: RunState | undefined, now: RunState): string[] {
  const known = new Map((before?.entries ?? []).map((entry) => [entry.id, entry]));
  return now.entries.flatMap((entry) => {
    const was = known.get(entry.id);
    const turned = entry.status !== "waiting" && was?.status !== entry.status;
    const lines = turned
      ? [
          `${words[entry.status].padEnd(10)}  ${entry.title}${seconds(entry.tookMs)}${entry.says ? `: ${entry.says}` : ""}`,
        ]
      : [];
    if (turned && entry.problem?.remedy) lines.push(`            ${entry.problem.remedy.says}`);
    const progress = entry.progress;
    if (entry.status === "running" && progress && progress.done !== was?.progress?.done && progress.total > 0) {
      const share = Math.floor((progress.done / progress.total) * 100);
      lines.push(
        `            ${progress.done} of ${progress.total} ${progress.unit} (${share} %)${progress.note ? `, ${progress.note}` : ""}`,
      );
    }
    return lines;
  });
}

/** What a step looks after: how much is there, and each thing that is not, with the code that needs it. Pure. */
function objectLines(objects: readonly ObjectState[]): string[] {
  const bad = objects.filter(({ is }) => is !== "there");
  if (bad.length === 0) return [];
  return [
    `           ${objects.length - bad.length} schemas and tables are as needed; these are not:`,
    ...bad.map(
      ({ name, is, says, neededBy }) =>
        `             ${is.padEnd(8)}${says ?? name}${neededBy ? ` (needed by ${neededBy})` : ""}`,
    ),
  ];
}

/** A described plan as a person reads it. Pure. */
export function planLines(plan: DescribedPlan): string[] {
  return [
    ...plan.entries.flatMap((entry) => [
      `${entry.kind === "step" ? (entry.changes.length > 0 ? "change " : "already") : entry.kind === "gate" ? "look   " : "prove  "}  ${entry.title}`,
      ...entry.changes.map(
        (change) => `           ${change.what} ${change.target}${change.detail ? `: ${change.detail}` : ""}`,
      ),
      ...objectLines(entry.objects ?? []),
      ...(entry.notYetKnown ? [`           ${entry.notYetKnown}`] : []),
    ]),
    ...plan.notes.map((note) => `Note: ${note}`),
    ...plan.blockers.flatMap(({ says, remedy }) => [
      `Stands in the way: ${says}`,
      ...(remedy ? [`           ${remedy.says}`] : []),
    ]),
  ];
}

/** The two verdicts, their reasons, and every row that is not ok. Pure. */
export function healthLines(report: HealthReport): string[] {
  const rows = report.probes.filter((row) => row.level !== "ok");
  return [
    `Installed: ${report.installed ? "yes" : "no"}. Tradable: ${report.tradable ? "yes" : "no"}.${report.rehearsal ? " This is the rehearsal." : ""}`,
    ...report.reasons.warmingUp.map((says) => `Not proven yet: ${says}`),
    ...report.reasons.installed,
    ...report.reasons.tradable.map(({ label, says }) => `Not tradable, ${label}: ${says}`),
    ...rows.map(
      (row) =>
        `${row.level.padEnd(8)}${row.title} [${row.label}]: ${row.says}${row.remedy ? ` ${row.remedy.says}` : ""}`,
    ),
    ...(report.probes.length > rows.length ? [`${report.probes.length - rows.length} more, all ok.`] : []),
  ];
}

const modes: Record<TradingState["mode"], string> = {
  none: "locked: no order passes",
  "close-only": "locked: only closing passes",
  manual: "released for orders by hand",
  all: "released",
  absent: "absent",
};

/** The order lock in lines. Pure. */
export function tradingLines(state: TradingState): string[] {
  const flag = (value: boolean | undefined) => (value === undefined ? "not known" : value ? "on" : "off");
  return [
    `Order lock: ${modes[state.mode]}${state.mode === "absent" || state.intact ? "." : ", and it is not as it was made."}`,
    ...(state.movedFrom
      ? [
          `This installation came from ${state.movedFrom.machine}. Nothing is released before you say that REC.IO no longer trades there: npm run trading -- confirm-move.`,
        ]
      : []),
    `Automated entry: ${flag(state.autoEntry)}. Stop-loss: ${flag(state.autoStop)}. Momentum spike: ${flag(state.momentumSpike)}.`,
    `Open trades: ${state.openTrades ?? "not known"}. Held back: ${state.attempts.count}${state.attempts.lastFrom ? `, last from ${state.attempts.lastFrom}` : ""}.`,
    ...(state.trades ?? []).map((trade) => `  ${trade}`),
    ...(state.mode === "none" || state.mode === "close-only"
      ? ["REC.IO's own switch answers “enabled” all the same: what it answers is not what is stored."]
      : []),
  ];
}

/** What another commit would mean, in lines: what would fail first. Pure. */
export function updateLines(found: UpdateRehearsal): string[] {
  const { says, verdict, drift, modules, statements, collisions, subjects } = found;
  const kinds = { breaks: "breaks ", better: "heals  ", changes: "differs" } as const;
  return [
    says,
    ...statements.refused.map((one) => `breaks  ${one.where} asks for ${one.missing}: ${one.says}`),
    ...modules.map((one) => `breaks  ${one.where} imports ${one.module}: ${one.error}`),
    ...collisions.map((file) => `breaks  ${file} was changed here, and is changed there too.`),
    ...drift.map((one) => `${kinds[one.kind]} ${one.says}`),
    ...(statements.unread > 0
      ? [`${statements.unread} places speak to the database in a way that cannot be read.`]
      : []),
    ...(subjects.length > 0 ? [`${subjects.length} commits lie between, the newest ${subjects[0]}.`] : []),
    ...(verdict === "same" ? [] : ["Nothing was changed: not the checkout, not the database."]),
  ];
}
