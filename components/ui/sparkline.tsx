/**
 * Answer times as a line: newest at the right. In: milliseconds, oldest first. Beside it stands the number, so the
 * line itself is hidden from those who listen.
 */
export function Sparkline({
  values,
  width = 72,
  height = 20,
}: {
  values: readonly number[];
  width?: number;
  height?: number;
}) {
  if (values.length < 2) return <span className="spark" />;
  const most = Math.max(...values);
  const least = Math.min(...values);
  const span = most - least || 1;
  const x = (index: number) => ((index / (values.length - 1)) * width).toFixed(1);
  const y = (value: number) => (height - 3 - ((value - least) / span) * (height - 6)).toFixed(1);
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={`M${values.map((value, index) => `${x(index)} ${y(value)}`).join(" ")}`} />
    </svg>
  );
}
