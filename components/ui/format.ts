const nb = "\u00a0";

/** An age or a span as the rows show it: "1 s", "41 s", "14 min", "3 h", "2 days". In: milliseconds. */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${Math.max(1, seconds)}${nb}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes}${nb}min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours}${nb}h` : `${Math.round(hours / 24)}${nb}days`;
}

/** A measured duration: "3 ms", "0.4 s", "2:14", "1:02:14". In: milliseconds. */
export function tookOf(ms: number): string {
  if (ms < 100) return `${ms < 10 && ms > 0 ? Math.round(ms * 10) / 10 : Math.round(ms)}${nb}ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}${nb}s`;
  return clockOf(ms);
}

/** Minutes and seconds as a stopwatch shows them: "0:52", "1:02:14". In: milliseconds. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const rest = String(seconds % 60).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** A whole number in groups of three: "7 816 204". */
export function countOf(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, nb);
}

/** "1 finding", "6 findings". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countOf(count)}${nb}${count === 1 ? one : many}`;
}

/** Time of day, "20:14:07" or "20:14". In: milliseconds since the epoch. */
export function timeOf(at: number, seconds = true): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ""}`;
}

/** Day and time, "20 November, 06:00". In: milliseconds since the epoch. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getDate()}${nb}${date.toLocaleString("en-GB", { month: "long" })}, ${timeOf(at, false)}`;
}
