"use client";
import Link from "next/link";
import { useEffect, useState } from "react";
import type { HealthReport, HealthRow } from "../../lib/health/report.ts";
import { BreakPanel } from "../rehearsal/break-panel.tsx";
import type { BreakActions } from "../rehearsal/contract.ts";
import { Breakable } from "../ui/breakable.tsx";
import { spanOf } from "../ui/format.ts";
import { Frame, type Place } from "../ui/frame.tsx";
import { LockMark, Mark } from "../ui/mark.tsx";
import { useTab } from "../ui/use-tab.ts";
import type { HealthActions, LockSeen } from "./contract.ts";
import type { Day } from "./day.ts";
import { Group } from "./group.tsx";
import { links } from "./links.ts";
import { LookAgain } from "./look-again.tsx";
import { lockWords, OrderLock } from "./order-lock.tsx";
import { Polling } from "./query.tsx";
import { Trace } from "./trace.tsx";
import { useDay, useHealth, useLock } from "./use-health.ts";
import { tradableSays, verdictOf } from "./verdict.ts";

export interface HealthViewProps {
  place: Place;
  painted: HealthReport;
  day: Day;
  lock: LockSeen;
  /** Absent where there is no session: then this is a board to read. */
  actions?: HealthActions;
  /** Only in a rehearsal that one may write to: the switches that break it. */
  breaks?: BreakActions;
}

/** The machine's halves, so that the two columns are about equally long. */
const columns = [
  ["Machine", "Checkout", "Database", "Data", "Prices"],
  ["Kalshi", "Services", "Safety"],
] as const;

const linesHere = 4;

/** A reason stands on top of the page in a few lines; all of its evidence is with its finding. */
function beginning(evidence: string): string {
  const lines = evidence.split("\n");
  const rest = lines.length - linesHere;
  return rest > 0 ? [...lines.slice(0, linesHere), `and ${rest} more lines below`].join("\n") : evidence;
}

function Reasons({ report }: { report: HealthReport }) {
  const rowOf = (says: string) => report.probes.find((row) => row.says === says || row.title === says);
  const { installed, tradable } = report.reasons;
  // What is not installed is not tradable either; one line is enough for both.
  const all = [
    ...installed.map((says) => ({ says, label: rowOf(says)?.label ?? ("machine" as const) })),
    ...tradable.filter(({ says }) => !installed.includes(says)),
  ].filter(({ says }, index, list) => list.findIndex((other) => other.says === says) === index);
  if (all.length === 0) return null;
  return (
    <ol className="reasons" aria-label="Why">
      {all.map(({ says, label }) => {
        const row = rowOf(says);
        return (
          <li key={says}>
            <Mark state={row?.level ?? "fail"} />
            <p>
              <b>
                <Breakable text={says} />
              </b>
              {row?.evidence?.cameBack && (
                <small>
                  <code>{beginning(row.evidence.cameBack)}</code>
                </small>
              )}
            </p>
            <span className="label">{label}</span>
            {row ? (
              <a className="age small" href={`#${row.group.toLowerCase()}`}>
                Evidence
              </a>
            ) : (
              <span />
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Board({ place, painted, day: paintedDay, lock: paintedLock, actions, breaks }: HealthViewProps) {
  const [breaking, setBreaking] = useState(breaks !== undefined);
  // On a narrow screen the panel covers the page, so it waits to be asked for.
  useEffect(() => {
    if (window.matchMedia("(max-width: 860px)").matches) setBreaking(false);
  }, []);
  const report = useHealth(painted);
  const day = useDay(paintedDay);
  const { lock, refetch } = useLock(paintedLock);
  const verdict = verdictOf(report);
  useTab(verdict.tab, verdict.icon);
  const rowsOf = (group: string): HealthRow[] => report.probes.filter((row) => row.group === group);
  const required = report.probes.filter((row) => row.required);
  const hold = required.filter((row) => row.level === "ok" || row.level === "warn").length;
  const installedMark = verdict.icon === "unknown" ? "unknown" : report.installed ? "ok" : "fail";
  const words = lockWords(lock.mode);
  return (
    <Frame
      place={place}
      links={links("/health", actions !== undefined)}
      aside={`looked ${spanOf(report.silentMs)} ago`}
    >
      <div className={breaks && breaking ? "with-drawer" : "contents"}>
        <main id="main" className="wrap">
          <section className="verdict">
            <div>
              <h1>
                {verdict.lines.map((line) => (
                  <span className="verdict-line" key={line}>
                    <Breakable text={line} />{" "}
                  </span>
                ))}
              </h1>
              <p className="lead">{verdict.lead}</p>
              {actions && <LookAgain lookAgain={actions.lookAgain} />}
            </div>
            <dl className="ledger">
              <div>
                <Mark state={installedMark} />
                <dt>
                  <b>Installed</b>
                </dt>
                <dd>
                  <strong>{installedMark === "unknown" ? "Not known" : report.installed ? "Yes" : "No"}</strong>. {hold}{" "}
                  of {required.length} required findings hold{hold === required.length ? ", and all are fresh" : ""}.
                </dd>
              </div>
              <div>
                <Mark state={verdict.icon === "unknown" ? "unknown" : report.tradable ? "ok" : "fail"} />
                <dt>
                  <b>Tradable</b>
                </dt>
                <dd>
                  {verdict.icon === "unknown" ? (
                    <>
                      <strong>Not known</strong>.
                    </>
                  ) : report.tradable ? (
                    <>
                      <strong>Yes</strong>, with the exchange as it is today.
                    </>
                  ) : (
                    <>
                      <strong>No</strong>, {tradableSays(report)}
                    </>
                  )}
                </dd>
              </div>
              <div>
                <LockMark held={words.held} />
                <dt>
                  <b>Order lock</b>
                </dt>
                <dd>
                  <strong>{words.word}</strong>. {words.says}{" "}
                  {actions && words.held && (
                    <a className="nb" href="#order-lock">
                      Release…
                    </a>
                  )}
                </dd>
              </div>
            </dl>
          </section>
          <Reasons report={report} />
          <Trace day={day} rowsOf={rowsOf} />
          <div className="groups">
            {columns.map((column) => (
              <div key={column[0]}>
                {day.groups
                  .map(({ group }) => group)
                  .filter((group) => (column as readonly string[]).includes(group) && rowsOf(group).length > 0)
                  .map((group) => (
                    <Group key={group} title={group} rows={rowsOf(group)} actions={actions} />
                  ))}
                {column[0] === "Kalshi" && <OrderLock lock={lock} actions={actions} onChanged={refetch} />}
              </div>
            ))}
          </div>
          <footer className="endnote">
            {actions && (
              <>
                <Link href="/health/report" prefetch={false}>
                  Completion report
                </Link>
                <Link href="/health/logs" prefetch={false}>
                  Logs
                </Link>
              </>
            )}
            {!actions && <Link href="/setup">Open this page with a code</Link>}
            {breaks && !breaking && (
              <button type="button" className="btn btn-plain" onClick={() => setBreaking(true)}>
                Break it yourself
              </button>
            )}
            <span>We look once for all open tabs.</span>
          </footer>
        </main>
        {breaks && breaking && <BreakPanel actions={breaks} onClose={() => setBreaking(false)} />}
      </div>
    </Frame>
  );
}

/** The health page, and the board that anybody on this machine may read. */
export function HealthView(props: HealthViewProps) {
  return (
    <Polling>
      <Board {...props} />
    </Polling>
  );
}
