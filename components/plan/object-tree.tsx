import type { ObjectState } from "../../lib/engine/step.ts";
import { plural } from "../ui/format.ts";
import { Mark } from "../ui/mark.tsx";

const words = { there: "there", missing: "missing", wrong: "wrong shape" } as const;

/** A table's name and its faulty columns: "users.trades_0001.side" stands under "users.trades_0001". */
function byTable(objects: readonly ObjectState[]): [string, ObjectState[]][] {
  const tables = new Map<string, ObjectState[]>();
  for (const object of objects) {
    const title = object.name.split(".").slice(0, 2).join(".");
    tables.set(title, [...(tables.get(title) ?? []), object]);
  }
  return [...tables];
}

/** A statement that several rows share is said once, under the last of them. */
function sharedMend(objects: readonly ObjectState[]): string | undefined {
  const [first] = objects;
  return objects.length > 1 && objects.every(({ mend }) => mend === first?.mend) ? first?.mend : undefined;
}

function TableRow({ title, objects }: { title: string; objects: readonly ObjectState[] }) {
  const bad = objects.filter(({ is }) => is !== "there");
  const shared = sharedMend(bad);
  const state =
    bad.length === 0 ? "there" : bad.some(({ is, name }) => is === "wrong" || name !== title) ? "wrong" : "missing";
  return (
    <li>
      <p className="object">
        <Mark state={state === "there" ? "ok" : state === "missing" ? "waiting" : "fail"} word={words[state]} />
        <code>{title}</code>
        <span>{words[state]}</span>
      </p>
      {bad.length > 0 && (
        <ul>
          {bad.map(({ name, says, neededBy, mend }) => (
            <li key={`${name} ${says}`}>
              <p>{says}</p>
              {neededBy && <small>needed by {neededBy}</small>}
              {mend && mend !== shared && <code>{mend}</code>}
            </li>
          ))}
          {shared && (
            <li>
              <code>{shared}</code>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

/** What a step looks after, schema by schema: what is there, what is missing, what has the wrong shape, and what mends it. */
export function ObjectTree({ objects }: { objects: readonly ObjectState[] }) {
  const schemas = new Map<string, ObjectState[]>();
  for (const object of objects) {
    const [schema = ""] = object.name.split(".");
    schemas.set(schema, [...(schemas.get(schema) ?? []), object]);
  }
  return (
    <div className="objects">
      {[...schemas].map(([schema, all]) => {
        const tables = byTable(all.filter(({ name }) => name !== schema));
        const whole = tables.filter(([, states]) => states.every(({ is }) => is === "there")).length;
        const own = all.filter(({ name }) => name === schema);
        return (
          // Where nothing is there yet there is little to read; a wrong shape is always shown.
          <details key={schema} open={whole < tables.length && (whole > 0 || all.some(({ is }) => is === "wrong"))}>
            <summary>
              <code>{schema}</code>
              <span>
                {own.some(({ is }) => is === "missing")
                  ? "missing"
                  : `${whole} of ${plural(tables.length, "table")} as needed`}
              </span>
            </summary>
            <ul>
              {own.some(({ is }) => is !== "there") && <TableRow title={schema} objects={own} />}
              {tables.map(([title, states]) => (
                <TableRow key={title} title={title} objects={states} />
              ))}
            </ul>
          </details>
        );
      })}
    </div>
  );
}
