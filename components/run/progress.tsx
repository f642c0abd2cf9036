import type { EntryState } from "../../lib/engine/state.ts";
import { clockOf, countOf } from "../ui/format.ts";
import type { Estimate } from "./estimate.ts";
import { TablePicture } from "./table-picture.tsx";

function rate(value: number): string {
  return value >= 100 ? countOf(value) : value.toFixed(1);
}

/** The time left as a range: "14–19 s", "1:10–1:40". In: milliseconds. */
export function rangeOf(left: NonNullable<Estimate["left"]>): string {
  if (left.most < 100_000) {
    const [least, most] = [Math.max(1, Math.round(left.least / 1000)), Math.max(1, Math.round(left.most / 1000))];
    return least === most ? `${most}\u00a0s` : `${least}–${most}\u00a0s`;
  }
  return `${clockOf(left.least)}–${clockOf(left.most)}`;
}

/** What flows now: how much of how much, how fast, how long still. It jumps at the two updates a second that it gets. */
export function Progress({
  progress,
  estimate,
}: {
  progress: NonNullable<EntryState["progress"]>;
  estimate: Estimate | undefined;
}) {
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
  const { unit } = progress;
  return (
    <div className="flow">
      <dl className="figures">
        <div>
          <dt>
            {unit}, of {countOf(progress.total)}
          </dt>
          <dd>{countOf(progress.done)}</dd>
        </div>
        <div>
          <dt>{estimate ? `now; ${rate(estimate.average)} on average` : "not known yet"}</dt>
          <dd>
            {estimate ? rate(estimate.now) : "–"}
            <small>{unit}/s</small>
          </dd>
        </div>
        <div>
          <dt>still to come</dt>
          <dd>
            {countOf(Math.max(0, progress.total - progress.done))}
            <small>{unit}</small>
          </dd>
        </div>
        <div>
          <dt>{estimate?.left ? "left, likely" : "left, not known yet"}</dt>
          <dd>{estimate?.left ? rangeOf(estimate.left) : "–"}</dd>
        </div>
      </dl>
      {progress.parts && progress.parts.length > 0 && <TablePicture parts={progress.parts} />}
      <svg
        className="bar"
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${countOf(progress.done)} of ${countOf(progress.total)} ${unit}`}
      >
        <rect className="bar-rest" width="100" height="1" />
        <rect className="bar-done" width={(share * 100).toFixed(2)} height="1" />
      </svg>
    </div>
  );
}
