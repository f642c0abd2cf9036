import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { sentence } from "../../../problem.ts";
import { takeCensus } from "../../census/census.ts";
import { type CensusRow, censusSentence } from "../../census/verdicts.ts";

/** What each route is worth; a checkout's own faults are named and spoil nothing of ours. */
export function judgeCensus(rows: readonly CensusRow[]): Finding {
  if (rows.length === 0) return { level: "unknown", says: "No program that listens runs, so no route could be asked." };
  const bad = rows.filter(({ verdict }) => verdict !== "works" && verdict !== "not asked");
  const evidence = {
    asked: `${rows.length} routes of GET that the programs' sources have`,
    cameBack: rows
      .map(({ program, path, where, verdict, says }) => `${verdict}: ${path} of ${program} (${where}): ${says}`)
      .join("\n"),
  };
  const says = censusSentence(rows);
  if (bad.length === 0) return { level: "ok", says, evidence };
  return {
    level: "warn",
    says,
    evidence,
    objects: bad.map(({ where }) => where),
    remedy: sentence("Believe none of these answers: this page asks in other ways."),
  };
}

/** Every GET route of REC.IO's programs, asked a few times a day: it changes with the checkout. */
export function endpointCensusProbe(): AnyProbe {
  return probe({
    id: "endpoint-census",
    title: "What REC.IO's own addresses are worth",
    group: "Services",
    label: "checkout",
    everyMs: 6 * 3_600_000,
    timeoutMs: 180_000,
    collect: takeCensus,
    judge: judgeCensus,
  }) as AnyProbe;
}
