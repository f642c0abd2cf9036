import type { EntryState } from "../../lib/engine/state.ts";
import { countOf } from "../ui/format.ts";

type Parts = NonNullable<NonNullable<EntryState["progress"]>["parts"]>;
type Part = Parts[number];

const classes: Record<Part["state"], string> = { waiting: "", flowing: "f", done: "d", failed: "x" };
/** So many of those that flow now are named below the picture. */
const mostNamed = 4;

function heightOf(size: number, largest: number): string {
  return `${Math.round(12 + (88 * Math.log(size + 1)) / Math.log(largest + 2))}%`;
}

const shareOf = ({ size, done = 0 }: Part) => `${Math.min(100, Math.round((done / Math.max(size, 1)) * 100))}%`;

/** One bar a table, grouped by schema: ink is done and compared, blue is flowing, an outline waits, a crossed one failed. */
export function TablePicture({ parts }: { parts: Parts }) {
  const largest = Math.max(...parts.map(({ size }) => size));
  const groups = [...new Set(parts.map(({ group }) => group))];
  const count = (state: Part["state"]) => parts.filter((part) => part.state === state).length;
  const [done, flowing, waiting, failed] = [count("done"), count("flowing"), count("waiting"), count("failed")];
  return (
    <div className="grid gap-4">
      <div
        className="tables"
        role="img"
        aria-label={`${parts.length} tables: ${done} done, ${flowing} flowing, ${waiting} waiting${failed > 0 ? `, ${failed} failed` : ""}`}
      >
        {groups.map((group) => {
          const own = parts.filter((part) => part.group === group);
          return (
            <figure key={group} style={{ "--n": Math.max(own.length, 16) } as React.CSSProperties}>
              <div className="bars">
                {own.map((part) => (
                  <i
                    key={part.id}
                    className={classes[part.state]}
                    style={{ "--h": heightOf(part.size, largest), "--p": shareOf(part) } as React.CSSProperties}
                  />
                ))}
              </div>
              <figcaption>
                <span>{group}</span>
                <span>
                  {own.filter(({ state }) => state === "done").length} of {own.length}
                </span>
              </figcaption>
            </figure>
          );
        })}
      </div>
      <div className="key">
        <span>
          <i className="d" />
          {done} done and compared
        </span>
        <span>
          <i className="f" />
          {flowing} flowing
        </span>
        <span>
          <i />
          {waiting} waiting
        </span>
        {failed > 0 && (
          <span>
            <i className="x" />
            {failed} failed
          </span>
        )}
        <span className="faint">height: size, logarithmic</span>
      </div>
      <div className="now-t">
        {parts
          .filter(({ state }) => state === "flowing")
          .slice(0, mostNamed)
          .map((part) => (
            <div key={`${part.group}.${part.id}`}>
              <span>
                <span className="faint">{part.group}.</span>
                {part.id}
              </span>
              <span className="meter" style={{ "--p": shareOf(part) } as React.CSSProperties} />
              <span>{countOf(part.size)} kB</span>
            </div>
          ))}
      </div>
    </div>
  );
}
