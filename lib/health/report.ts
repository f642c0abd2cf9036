import type { Answer } from "../engine/ask.ts";
import {
  type AnyProbe,
  type AnyProof,
  type Group,
  secondsOfWarmUp,
  staleAfterMs,
  type WarmingUp,
} from "../engine/probe.ts";
import type { Evidence, Label, Remedy } from "../problem.ts";

export type HealthLevel = "ok" | "warn" | "fail" | "unknown" | "stale";

/** One row of `/api/health`. Carries no personal data: no names, balances, key ids, paths. */
export interface HealthRow {
  id: string;
  kind: "probe" | "proof";
  group: Group;
  label: Label;
  title: string;
  /** The supervised program that this is a proof of, where it is one. */
  program?: string;
  level: HealthLevel;
  says: string;
  /** Milliseconds since the epoch; 0 where it was never asked. */
  checkedAt: number;
  ageMs: number;
  staleAfterMs: number;
  tookMs: number;
  /** Must hold for "installed". */
  required: boolean;
  /** Must hold for "tradable". */
  trading: boolean;
  remedy?: Remedy;
  evidence?: Evidence;
  objects?: readonly string[];
  /** The id of the row that names the cause of this one's failure: told once, there. */
  follows?: string;
  /** It is not whole yet: what is missing comes by itself, `secondsLeft` from now at most. A warn holds meanwhile. */
  warmingUp?: WarmingUp;
}

/** The answer of `GET /api/health` and of `doctor --json`. */
export interface HealthReport {
  status: "ok" | "degraded" | "down" | "unknown";
  installed: boolean;
  tradable: boolean;
  rehearsal: boolean;
  checkedAt: number;
  /**
   * Sentences: why it is not installed, why it is not tradable, empty where it is; and what of that which must hold is
   * taken for held although it still warms up. Nothing is called proven before the last is empty.
   */
  reasons: { installed: string[]; tradable: { label: Label; says: string }[]; warmingUp: string[] };
  probes: HealthRow[];
}

/** What a question counts for: it must hold for "installed", only for "tradable", or for neither (then it is a lasting warn). */
export type Need = "installed" | "tradable" | "no";

export interface AskedQuestion {
  question: AnyProbe | AnyProof;
  need: Need;
}

/** How a row stands now: an answer that is too old is no longer what it was, whatever it was. */
function levelOf(answer: Answer | undefined, staleAfter: number, now: number): HealthLevel {
  if (!answer) return "unknown";
  if (answer.finding.level !== "fail" && now - answer.at > staleAfter) return "stale";
  return answer.finding.level;
}

function rowOf({ question, need }: AskedQuestion, answer: Answer | undefined, now: number): HealthRow {
  const staleAfter = staleAfterMs(question);
  const finding = answer?.finding;
  return {
    id: question.id,
    kind: question.kind,
    group: question.group,
    label: finding?.label ?? question.label,
    title: question.title,
    ...(question.kind === "proof" && question.program ? { program: question.program } : {}),
    level: levelOf(answer, staleAfter, now),
    says: finding?.says ?? "Not asked yet.",
    checkedAt: answer?.at ?? 0,
    ageMs: answer ? Math.max(0, now - answer.at) : 0,
    staleAfterMs: staleAfter,
    tookMs: answer?.tookMs ?? 0,
    required: need === "installed",
    trading: need !== "no",
    ...(finding && "remedy" in finding ? { remedy: finding.remedy } : {}),
    ...(finding?.evidence ? { evidence: finding.evidence } : {}),
    ...(finding?.objects ? { objects: finding.objects } : {}),
    ...warmUpNow(answer, now),
  };
}

/** What is left of a warm-up by now. */
function warmUpNow(answer: Answer | undefined, now: number): Pick<HealthRow, "warmingUp"> {
  const seconds = answer && secondsOfWarmUp(answer.finding);
  if (!answer || seconds === undefined) return {};
  return { warmingUp: { secondsLeft: Math.max(0, Math.ceil(seconds - (now - answer.at) / 1000)) } };
}

const holds = (row: HealthRow) => row.level === "ok" || row.level === "warn";

/** True where a row says no more than that what `cause` names is not there: the same objects, or the same step mends it. */
function saysTheSame(row: HealthRow, cause: HealthRow): boolean {
  if (row.objects?.length)
    return row.objects.every((name) => cause.objects?.some((named) => name === named || name.startsWith(`${named}.`)));
  const [own, its] = [row.remedy, cause.remedy];
  return own?.kind === "step" && its?.kind === "step" && own.stepId === its.stepId;
}

const told = ({ follows }: HealthRow) => follows === undefined;

/** The rows, each that fails for what another one names with that one's id. Pure. */
function withCauses(rows: readonly HealthRow[], questions: readonly AskedQuestion[]): HealthRow[] {
  const causes = rows.filter((row, at) => row.required && row.level === "fail" && questions[at]?.question.foundation);
  return rows.map((row) => {
    const cause = holds(row) ? undefined : causes.find((one) => one !== row && saysTheSame(row, one));
    return cause ? { ...row, follows: cause.id } : row;
  });
}

/**
 * The verdict, computed from answers and their ages and never stored. Pure.
 * `installed` is about this machine and the checkout's programs; `tradable` adds the exchange as it is today.
 */
export function healthReport(
  questions: readonly AskedQuestion[],
  answers: ReadonlyMap<string, Answer>,
  options: { now: number; rehearsal: boolean },
): HealthReport {
  const probes = withCauses(
    questions.map((asked) => rowOf(asked, answers.get(asked.question.id), options.now)),
    questions,
  );
  const required = probes.filter((row) => row.required);
  const installed = required.length > 0 && required.every(holds);
  const tradable = installed && probes.filter((row) => row.trading).every(holds);
  const broken = required.filter((row) => !holds(row));
  const status = broken.some((row) => row.level === "fail")
    ? "down"
    : broken.length > 0 || required.length === 0
      ? "unknown"
      : probes.every((row) => row.level === "ok" || (row.level === "unknown" && !row.trading))
        ? "ok"
        : "degraded";
  return {
    status,
    installed,
    tradable,
    rehearsal: options.rehearsal,
    checkedAt: probes.reduce((newest, row) => Math.max(newest, row.checkedAt), 0),
    reasons: {
      installed:
        required.length === 0
          ? ["Nothing is installed yet."]
          : broken
              .filter(told)
              .map((row) => (row.level === "stale" ? `${row.title}: not asked again in time.` : row.says)),
      tradable: probes
        .filter((row) => row.trading && !holds(row) && told(row))
        .map((row) => ({
          label: row.label,
          says: row.level === "stale" ? `${row.title}: not asked again in time.` : row.says,
        })),
      warmingUp: required.filter((row) => row.warmingUp && holds(row)).map((row) => row.says),
    },
    probes,
  };
}

/**
 * The report as anybody on this machine may see it: without evidence, without the remedy of what could not be asked (it
 * may name folders), and with the person's own words (names, key ids, paths, hosts) taken out of every sentence. Pure.
 * @param personal words that must not be told; the longest goes first, those of one or two letters are left out
 */
export function publicReport(report: HealthReport, personal: readonly string[] = []): HealthReport {
  const words = personal.filter((word) => word.length > 2).sort((a, b) => b.length - a.length);
  const hide = (text: string) => words.reduce((so, word) => so.replaceAll(word, "…"), text);
  const probes = report.probes.map(({ evidence: _evidence, remedy, objects, ...row }) => ({
    ...row,
    says: hide(row.says),
    ...(remedy && row.level !== "unknown" && row.level !== "stale"
      ? { remedy: { ...remedy, says: hide(remedy.says) } }
      : {}),
    ...(objects ? { objects: objects.map(hide) } : {}),
  }));
  return {
    ...report,
    reasons: {
      installed: report.reasons.installed.map(hide),
      tradable: report.reasons.tradable.map(({ label, says }) => ({ label, says: hide(says) })),
      warmingUp: report.reasons.warmingUp.map(hide),
    },
    probes,
  };
}
