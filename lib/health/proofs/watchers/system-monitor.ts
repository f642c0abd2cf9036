import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { collectMonitor, judgeHealthRow, type MonitorFacts } from "../../probes/data/health-row.ts";
import { askJson, fields } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { programProof, readLog } from "../means/program-proof.ts";

/** What main_app makes of the row: it reads the columns by position. */
export interface ShownHealth {
  overall: unknown;
  healthy: unknown;
  total: unknown;
}

export function judgeSystemMonitor(facts: MonitorFacts, shown: ShownHealth | undefined): Finding {
  const stored = judgeHealthRow(facts);
  if (stored.level !== "ok" || "unreadable" in facts.row || facts.row.facts === null) return stored;
  if (!shown) return stored;
  const { overall, total } = facts.row.facts;
  const verdict = typeof shown.overall === "string" && ["healthy", "degraded", "critical"].includes(shown.overall);
  // The row is rewritten every 15 s, so the number of healthy programs may have moved on between the two readings.
  if (!verdict || shown.total !== total || typeof shown.healthy !== "number")
    return {
      level: "fail",
      says: `main_app shows ${String(shown.overall)}, ${String(shown.healthy)} of ${String(shown.total)} programs, and the row says ${overall ?? "nothing"}, ${total} programs: its columns are in another order.`,
      objects: ["system.health_status"],
      evidence: {
        asked: "GET /api/system/health of main_app beside system.health_status",
        cameBack: JSON.stringify(shown),
      },
      remedy: readLog("main_app"),
    };
  return stored;
}

export function systemMonitorProof(answers: Answers): AskedQuestion {
  return programProof<"postgres" | "supervisor" | "checkout">(answers, {
    id: "system-monitor-works",
    title: "system_monitor sees the programs that run here",
    program: "system_monitor",
    everyMs: 60_000,
    prove: async (world, signal) => {
      const facts = await collectMonitor(world, answers);
      if (judgeHealthRow(facts).level !== "ok") return judgeSystemMonitor(facts, undefined);
      const body = fields(
        await askJson(world, { program: "main_app", method: "GET", path: "/api/system/health" }, signal),
      );
      return judgeSystemMonitor(facts, {
        overall: body.overall_status,
        healthy: body.services_healthy,
        total: body.services_total,
      });
    },
  });
}
