import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import { liveData } from "../../live-data/live-data.ts";
import type { AutoEntry, Read } from "../../live-data/sections.ts";
import { unreadable } from "../../live-data/unreadable.ts";
import { upForSeconds } from "../../live-data/uptime.ts";
import type { AskedQuestion } from "../../report.ts";
import { warmingUp } from "./warming-up.ts";

export interface AutoEntryRowFacts {
  row: Read<AutoEntry>;
  upForSeconds?: number;
}

const table = "users.auto_trade_settings_0001";
/** Written every second; a second of look-ups and one of pause are in between, and a loaded machine takes longer. */
const freshSeconds = 10;

/** Does auto_entry_supervisor go on writing its state? Its /health says "healthy" either way. */
export function judgeAutoEntryRow({ row: read, upForSeconds: up }: AutoEntryRowFacts): Finding {
  if ("unreadable" in read) return unreadable(read);
  const row = read.facts;
  if (!row)
    return {
      level: "fail",
      says: `${table} has no row 1.`,
      objects: [table],
      remedy: repairedBy("seed-rows", "Put the default row in place."),
    };
  const { ageSeconds: age, status } = row;
  const evidence = {
    asked: `${table}.updated_at`,
    cameBack: age === null ? "null" : `${age.toFixed(1)} s old, ${status ?? "no status"}`,
  };
  if (age !== null && age <= freshSeconds)
    return {
      level: "ok",
      says: `Status ${status ?? "empty"}, written ${Math.max(0, Math.round(age))} s ago.`,
      evidence,
    };
  return (
    warmingUp({ what: "Automated entry is", up, needed: 20 }) ?? {
      level: "fail",
      says: `auto_entry_supervisor wrote its state ${age === null ? "never" : `${Math.round(age)} s ago`}, and does so every second.`,
      objects: [`${table}.updated_at`],
      evidence,
      remedy: sentence("Look at the log of auto_entry_supervisor."),
    }
  );
}

export function autoEntryProbes(): AskedQuestion[] {
  const question = probe<"postgres" | "supervisor", AutoEntryRowFacts>({
    id: "auto-entry-row-written",
    title: "Automated entry keeps its state",
    group: "Data",
    label: "machine",
    everyMs: 5000,
    collect: async (world) => {
      const [data, up] = await Promise.all([liveData(world), upForSeconds(world, "auto_entry_supervisor")]);
      return { row: data.autoEntry, ...(up === undefined ? {} : { upForSeconds: up }) };
    },
    judge: judgeAutoEntryRow,
  });
  return [{ question: question as AnyProbe, need: "installed" }];
}
