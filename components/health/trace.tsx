import type { HealthRow } from "../../lib/health/report.ts";
import { plural, spanOf, timeOf, tookOf } from "../ui/format.ts";
import { Mark } from "../ui/mark.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { type Day, type GroupDay, windowTitle } from "./day.ts";
import { sumOf, worstOf } from "./rows.ts";

const width = 960;
/** A short incident is still a line that can be seen. */
const least = 3;

/** Height says it before colour does: ok low, warn middle, fail on top, unknown middle and broken, stale on the base. */
const pens: Record<string, { y: number; pen: string; wash?: string }> = {
  ok: { y: 17, pen: "ok" },
  warn: { y: 10, pen: "w", wash: "wf" },
  fail: { y: 3, pen: "x", wash: "xf" },
  unknown: { y: 10, pen: "u" },
  stale: { y: 19, pen: "s" },
};

function Line({ day }: { day: GroupDay }) {
  const drawn = day.segments.map((segment) => {
    const from = segment.from * width;
    return {
      ...segment,
      from,
      to: Math.max(segment.to * width, from + least),
      pen: pens[segment.level] ?? { y: 10, pen: "u" },
    };
  });
  return (
    <svg className="trace" viewBox={`0 0 ${width} 22`} preserveAspectRatio="none" aria-hidden="true">
      {drawn.map(({ from, to, pen }) =>
        pen.wash ? (
          <rect key={from} className={pen.wash} x={from} y={pen.y} width={to - from} height={20 - pen.y} />
        ) : null,
      )}
      {drawn.map(({ from, pen }, index) => {
        const before = drawn[index - 1];
        if (!before || before.pen.pen === "s" || pen.pen === "s" || before.pen.y === pen.y) return null;
        return <path key={from} className="j" d={`M${from} ${before.pen.y}V${pen.y}`} />;
      })}
      {drawn.map(({ from, to, pen }) => (
        <path key={from} className={pen.pen} d={`M${from.toFixed(1)} ${pen.y}H${to.toFixed(1)}`} />
      ))}
    </svg>
  );
}

/** A day of every group on one time axis: incidents line up, so the cause is the leftmost. */
export function Trace({ day, rowsOf }: { day: Day; rowsOf: (group: string) => readonly HealthRow[] }) {
  const ticks = [0, 0.25, 0.5, 0.75].map((part) => day.from + part * (day.to - day.from));
  const incidents = day.groups.reduce(
    (sum, group) => sum + group.segments.filter(({ level }) => level === "fail").length,
    0,
  );
  return (
    <section aria-label={windowTitle(day)}>
      <div className="sect">
        <h2>{windowTitle(day)}</h2>
        <span>{incidents === 0 ? "no failure seen" : `${plural(incidents, "failure")} seen`}</span>
      </div>
      <div className="day">
        {day.groups.map((group) => {
          const rows = rowsOf(group.group);
          if (rows.length === 0) return null;
          const oldest = Math.max(...rows.map((row) => row.ageMs));
          return (
            <a key={group.group} href={`#${group.group.toLowerCase()}`}>
              <Mark state={worstOf(rows)} />
              <b>{group.group}</b>
              <Line day={group} />
              <span className="sum">{sumOf(rows)}</span>
              <Sparkline values={group.answers} />
              <span className="lat">{group.medianMs === undefined ? "" : tookOf(group.medianMs)}</span>
              <span className="age">{spanOf(oldest)}</span>
            </a>
          );
        })}
        <div className="axis">
          <span className="ticks">
            {ticks.map((at) => (
              <span key={at} suppressHydrationWarning>
                {timeOf(at, false)}
              </span>
            ))}
            <span>now</span>
          </span>
          <span className="ans">answer time, 1 h</span>
          <span>oldest</span>
        </div>
      </div>
    </section>
  );
}
