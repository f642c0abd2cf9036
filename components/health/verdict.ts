import { spanOf } from "../ui/format.ts";
import { type AgedReport, tooLongSilent } from "./rows.ts";

/** The verdict in words: the machine first, then the exchange. */
export interface Verdict {
  lines: readonly string[];
  lead: string;
  tab: string;
  icon: "ok" | "warn" | "fail" | "unknown";
}

function whose(labels: readonly string[]): string {
  const [first, ...others] = [...new Set(labels)];
  if (first === undefined) return "";
  if (others.length > 0) return "";
  const owner = { machine: "this machine’s", checkout: "the checkout’s", exchange: "the exchange’s" }[first];
  return labels.length === 1 ? `, ${owner}` : `, ${labels.length === 2 ? "both" : "all"} ${owner}`;
}

/** "2 reasons, both the exchange’s." */
export function tradableSays(report: AgedReport): string {
  const { tradable } = report.reasons;
  if (!report.installed) return "it is not installed.";
  const count = tradable.length;
  return `${count} ${count === 1 ? "reason" : "reasons"}${whose(tradable.map((reason) => reason.label))}.`;
}

/** What stands in for "everything does its work" while something that must do it still warms up. */
function warmUpOf({ reasons }: AgedReport): string | undefined {
  const [first, ...others] = reasons.warmingUp;
  if (first === undefined) return undefined;
  return `Everything runs, and not all of it is proven yet. ${first}${others.length > 0 ? ` ${others.length} more with it.` : ""}`;
}

/** What the headline says about a report, and what the tab and its icon say. Pure. */
export function verdictOf(report: AgedReport): Verdict {
  if (report.silentMs > tooLongSilent) {
    return {
      lines: ["We do not know.", `This page has heard nothing for ${spanOf(report.silentMs)}.`],
      lead: "The server does not answer. What stands below is what was last known.",
      tab: "Not known",
      icon: "unknown",
    };
  }
  const required = report.probes.filter((row) => row.required);
  const broken = required.filter((row) => row.level === "fail");
  const unsure = required.filter((row) => row.level === "unknown" || row.level === "stale");
  if (report.installed && unsure.length === 0 && broken.length === 0) {
    if (report.tradable)
      return {
        lines: ["Installed and working."],
        lead:
          warmUpOf(report) ??
          "Everything on this machine does its work, and the exchange is as this checkout expects it.",
        tab: "Installed",
        icon: report.status === "degraded" ? "warn" : "ok",
      };
    return {
      lines: ["Installed and working.", "Not tradable today."],
      lead:
        warmUpOf(report) ??
        "Everything on this machine does its work. What keeps it from trading stands below, and whose it is.",
      tab: "Installed, not tradable",
      icon: "warn",
    };
  }
  const causes = broken.filter(({ follows }) => follows === undefined);
  const [cause] = causes;
  if (cause)
    return {
      lines: ["Not working.", cause.says.endsWith(".") ? cause.says : `${cause.says}.`],
      lead:
        causes.length === 1
          ? `One required finding fails${broken.length > 1 ? `, and ${broken.length - 1} more because of it` : ""}. Everything else stands below, with its age.`
          : `${causes.length} required findings fail. The first of them is named here, all of them below.`,
      tab: "Not working",
      icon: "fail",
    };
  const [first] = unsure;
  return {
    lines: [
      "We do not know.",
      first ? `${first.title}: not known for ${spanOf(first.ageMs)}.` : "Nothing was asked yet.",
    ],
    lead: "No required finding fails, but not every one of them has a fresh answer.",
    tab: "Not known",
    icon: "unknown",
  };
}
