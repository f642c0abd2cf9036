/** One point of the monitor's history: what a group was like in one minute. */
export interface HistoryPoint {
  at: number;
  group: string;
  level: string;
  tookMs: number;
}

export interface Segment {
  /** 0 … 1 of the window. */
  from: number;
  to: number;
  level: string;
}

/** One row of the trace, ready to draw. */
export interface GroupDay {
  group: string;
  segments: Segment[];
  /** Answer times of the last hour in milliseconds, oldest first. */
  answers: number[];
  medianMs: number | undefined;
}

export interface Day {
  from: number;
  to: number;
  groups: GroupDay[];
}

const minute = 60_000;
const hour = 60 * minute;
/** A gap longer than this is time in which nobody looked. */
const longestGap = 3 * minute;
const windows = [20 * minute, hour, 3 * hour, 6 * hour, 24 * hour];

function segmentsOf(points: readonly HistoryPoint[], from: number, to: number): Segment[] {
  const at = (time: number) => Math.min(1, Math.max(0, (time - from) / (to - from)));
  const segments: Segment[] = [];
  let before: HistoryPoint | undefined;
  for (const point of points) {
    if (before && point.at - before.at > longestGap)
      segments.push({ from: at(before.at), to: at(point.at), level: "stale" });
    const last = segments.at(-1);
    if (before && last && last.level === point.level && point.at - before.at <= longestGap) last.to = at(point.at);
    else {
      // A change happened somewhere between two looks: the old level is carried up to the new one.
      if (before && last && point.at - before.at <= longestGap) last.to = at(point.at);
      segments.push({ from: at(point.at), to: at(point.at), level: point.level });
    }
    before = point;
  }
  const end = segments.at(-1);
  if (before && end) {
    if (to - before.at <= longestGap) end.to = 1;
    else segments.push({ from: at(before.at), to: 1, level: "stale" });
  }
  return segments;
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/**
 * The history as the trace draws it: one row a group on one time axis, from the first look or a day ago. Pure.
 * @param points newest last
 * @param now milliseconds since the epoch
 */
export function dayOf(points: readonly HistoryPoint[], groups: readonly string[], now: number): Day {
  const first = points[0]?.at ?? now;
  const window = windows.find((width) => now - first <= width) ?? 24 * hour;
  const from = now - window;
  return {
    from,
    to: now,
    groups: groups.map((group) => {
      const own = points.filter((point) => point.group === group && point.at >= from);
      const answers = own.filter((point) => point.at >= now - hour).map((point) => point.tookMs);
      return { group, segments: segmentsOf(own, from, now), answers, medianMs: median(answers) };
    }),
  };
}

/** "Last 24 hours", "Last 20 minutes". */
export function windowTitle(day: Day): string {
  const width = day.to - day.from;
  return width <= hour ? `Last ${Math.round(width / minute)} minutes` : `Last ${Math.round(width / hour)} hours`;
}
