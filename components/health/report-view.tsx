import Link from "next/link";
import type { RunState } from "../../lib/engine/state.ts";
import type { HealthReport } from "../../lib/health/report.ts";
import type { Answers } from "../../lib/install/answers.ts";
import { Changes } from "../plan/changes.tsx";
import { Breakable } from "../ui/breakable.tsx";
import { dayOf, plural, tookOf } from "../ui/format.ts";
import type { Place } from "../ui/frame.tsx";
import { Mark } from "../ui/mark.tsx";
import { aged } from "./rows.ts";
import { verdictOf } from "./verdict.ts";

const dataWords = {
  archive: "built from the checkout’s archive",
  source: "copied from a source",
  backup: "taken out of a backup",
  none: "none",
} as const;

function answersOf(installed: Answers): [string, string][] {
  const { checkout, person, kalshi, database, data } = installed;
  return [
    ["Checkout", checkout.kind === "path" ? checkout.path : checkout.into],
    ["Login", person.userId],
    ["Kalshi", kalshi.kind === "none" ? "without a key" : kalshi.environment === "demo" ? "demo" : "production"],
    [
      "Database",
      database.kind === "embedded" ? `embedded, 127.0.0.1:${database.port}` : `${database.host}:${database.port}`,
    ],
    ["System data", dataWords[data.kind]],
    ["Left out", installed.consent.goOnWithout.join(", ") || "nothing"],
    [
      "Compatibility",
      installed.consent.translateKalshi
        ? "today’s Kalshi is translated for REC.IO, for reading only"
        : "answers of Kalshi reach REC.IO as they come",
    ],
  ];
}

const nextSteps = [
  ["Log in to REC.IO", "with the user id above and the password that you gave. Its pages listen on this machine only."],
  ["Look at the health page now and then", "or ask npm run doctor: it ends with 0 only when all of this holds."],
  [
    "Release the order lock when you want to trade",
    "on the health page, with a typed word. Until then no new order goes out.",
  ],
  ["Take it back", "with npm run uninstall: it lists what goes and what stays before it begins."],
] as const;

const runTitles = { install: "Installation", repair: "Repair", update: "Update", undo: "Taken back" } as const;

/** What was installed, what was changed, how to get at it, what does not work and why. Computed now, not remembered. */
export function ReportView({
  place,
  installed,
  recioUrl,
  report,
  runs,
  version,
}: {
  place: Place;
  installed: Answers | undefined;
  /** REC.IO's own page, where it is known. */
  recioUrl: string | undefined;
  report: HealthReport;
  /** Newest first or last; receipts are listed per run. */
  runs: readonly RunState[];
  version: string;
}) {
  const verdict = verdictOf(aged(report, 0));
  const lacking = report.probes.filter((row) => row.level !== "ok");
  const changed = runs.filter((run) => run.entries.some((entry) => entry.receipts.length > 0));
  return (
    <main id="main" className="wrap report">
      <section className="verdict">
        <div>
          <h1>
            {verdict.lines.map((line) => (
              <span className="verdict-line" key={line}>
                <Breakable text={line} />{" "}
              </span>
            ))}
          </h1>
          <p className="lead">
            As it is now, not as it was when the run ended.
            {report.reasons.warmingUp.length > 0 && ` Not proven yet: ${report.reasons.warmingUp.join(" ")}`}
          </p>
        </div>
      </section>

      <section aria-label="What was installed">
        <div className="sect">
          <h2>What was installed</h2>
          <span>REC.IO Setup {version}</span>
        </div>
        {installed ? (
          <dl className="facts">
            {answersOf(installed).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            {recioUrl !== undefined && (
              <div>
                <dt>REC.IO’s own page</dt>
                <dd>
                  <a href={recioUrl}>{recioUrl}</a>
                </dd>
              </div>
            )}
            <div>
              <dt>This page</dt>
              <dd>http://localhost:{place.port}</dd>
            </div>
          </dl>
        ) : (
          <p className="quiet">
            Nothing yet. <Link href="/setup">The wizard</Link> is where it begins.
          </p>
        )}
      </section>

      <section aria-label="What does not work, and why">
        <div className="sect">
          <h2>What does not work, and why</h2>
          <span>{plural(lacking.length, "finding")}</span>
        </div>
        {lacking.length === 0 ? (
          <p className="quiet">Nothing that we ask about.</p>
        ) : (
          <ol className="reasons">
            {lacking.map((row) => (
              <li key={row.id}>
                <Mark state={row.level} />
                <p>
                  <b>
                    <Breakable text={row.says} />
                  </b>
                  {row.remedy && <small>{row.remedy.says}</small>}
                </p>
                <span className="label">{row.label}</span>
                <a className="age small" href={`/health#${row.group.toLowerCase()}`}>
                  Evidence
                </a>
              </li>
            ))}
          </ol>
        )}
      </section>

      <section aria-label="Next steps">
        <div className="sect">
          <h2>Next steps</h2>
        </div>
        <ol className="agenda">
          {nextSteps.map(([title, says], index) => (
            <li key={title}>
              <span className="data">{index + 1}</span>
              <p>
                <b>{title}</b>, {says}
              </p>
            </li>
          ))}
        </ol>
      </section>

      <section aria-label="Receipts">
        <div className="sect">
          <h2>What was changed on this machine</h2>
          <span>
            {plural(
              changed.flatMap((run) => run.entries.filter((entry) => entry.receipts.length > 0)).length,
              "receipt",
            )}
          </span>
        </div>
        {changed.map((run) => (
          <section key={run.runId} aria-label={`Run ${run.runId}`}>
            <p className="small quiet pb-2">
              <Link href={`/runs/${run.runId}`} prefetch={false} suppressHydrationWarning>
                {runTitles[run.purpose]}, {dayOf(run.startedAt)}
              </Link>
            </p>
            <ol className="steps">
              {run.entries
                .filter((entry) => entry.receipts.length > 0)
                .map((entry) => (
                  <li key={entry.id}>
                    <details className="planned">
                      <summary className="step ok">
                        <Mark state="ok" word="done" />
                        <p className="title">{entry.title}</p>
                        <p className="ev">{plural(entry.changes.length, "change")}</p>
                        <time>{entry.tookMs === undefined ? "" : tookOf(entry.tookMs)}</time>
                      </summary>
                      <div className="body">
                        <Changes changes={entry.changes} />
                      </div>
                    </details>
                  </li>
                ))}
            </ol>
          </section>
        ))}
      </section>
    </main>
  );
}
