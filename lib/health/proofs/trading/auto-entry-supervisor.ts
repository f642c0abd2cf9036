import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy } from "../../../problem.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { AutoEntry, Read, Watchlist } from "../../live-data/sections.ts";
import { askJson, fields } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { until } from "../means/canary.ts";
import { programProof, readLog } from "../means/program-proof.ts";

export interface AutoEntryFacts {
  row: Read<AutoEntry>;
  watchlist: Read<Watchlist>;
  /** GET /api/auto_entry_status: how many settings, one of them, and the switch as it reports it. */
  settings: number;
  minProbability: unknown;
  enabled: unknown;
  /** GET /api/auto_entry_scanning_status. */
  threadAlive: unknown;
}

/** Keys of the settings that it works with: nine columns and two constants of its own. */
const settingsKeys = 11;

export function judgeAutoEntry(facts: AutoEntryFacts): Finding {
  const row = "facts" in facts.row ? facts.row.facts : undefined;
  const evidence = {
    asked: "users.auto_trade_settings_0001, GET /api/auto_entry_status and /api/auto_entry_scanning_status",
    cameBack: `row ${row ? `${row.ageSeconds?.toFixed(1) ?? "without a date"} s old` : "missing"}; ${facts.settings} settings; thread ${facts.threadAlive === true ? "alive" : "not alive"}`,
  };
  const settings = "users.auto_trade_settings_0001";
  const fail = (says: string, objects: readonly string[] = [], remedy = readLog("auto_entry_supervisor")): Finding => ({
    level: "fail",
    says,
    objects,
    evidence,
    remedy,
  });
  if ("unreadable" in facts.row) return fail(facts.row.unreadable, [settings]);
  if (!row)
    return fail(
      `${settings} has no row 1, so automated entry has no settings.`,
      [settings],
      repairedBy("seed-rows", "Put the default row in place."),
    );
  if (facts.settings !== settingsKeys)
    return fail(`auto_entry_supervisor works with ${facts.settings} of ${settingsKeys} settings.`, [settings]);
  if (facts.minProbability !== row.minProbability)
    return fail(
      `auto_entry_supervisor works with min_probability ${String(facts.minProbability)}, and the row says ${row.minProbability}.`,
      [`${settings}.min_probability`],
    );
  if (facts.enabled !== row.enabled)
    return fail(
      `auto_entry_supervisor takes automated entry for ${String(facts.enabled)}, and the row says ${String(row.enabled)}.`,
      [`${settings}.auto_entry`],
    );
  if (facts.threadAlive !== true) return fail("The watching thread of auto_entry_supervisor is not alive.");
  if (row.ageSeconds === null || row.ageSeconds > 5)
    return fail(
      `auto_entry_supervisor last wrote its state ${row.ageSeconds === null ? "never" : `${Math.round(row.ageSeconds)} s ago`}, and does so every second.`,
      [`${settings}.updated_at`],
    );
  if ("unreadable" in facts.watchlist) return fail(facts.watchlist.unreadable, ["live_data.watchlist_btc"]);
  return {
    level: "ok",
    says: `Wrote its state ${row.ageSeconds.toFixed(1)} s ago with ${facts.settings} settings; ${facts.watchlist.facts.rows} strikes on the watchlist.`,
    evidence,
  };
}

export function autoEntrySupervisorProof(answers: Answers): AskedQuestion {
  const program = "auto_entry_supervisor";
  return programProof<"postgres" | "checkout">(answers, {
    id: "auto-entry-supervisor-works",
    title: "auto_entry_supervisor watches and stores its state",
    program,
    everyMs: 60_000,
    prove: async (world, signal) => {
      const status = fields(await askJson(world, { program, method: "GET", path: "/api/auto_entry_status" }, signal));
      const scanning = fields(
        await askJson(world, { program, method: "GET", path: "/api/auto_entry_scanning_status" }, signal),
      );
      const settings = fields(status.settings);
      const fresh = ({ autoEntry }: Awaited<ReturnType<typeof liveData>>) =>
        "facts" in autoEntry && autoEntry.facts !== null && (autoEntry.facts.ageSeconds ?? 99) <= 5;
      const data = await until(() => liveData(world), fresh, 4000, signal);
      return judgeAutoEntry({
        row: data.autoEntry,
        watchlist: data.watchlist,
        settings: Object.keys(settings).length,
        minProbability: settings.min_probability,
        enabled: status.enabled,
        threadAlive: scanning.monitoring_thread_alive,
      });
    },
  });
}
