import type { Change } from "../../lib/engine/step.ts";

/** What would be, or was, changed: kind, target, and one line of detail each. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <ul className="changes">
      {changes.map((change) => (
        <li key={`${change.what} ${change.target} ${change.detail ?? ""}`}>
          <span>{change.what}</span>
          <p>
            <code>{change.target}</code>
            {change.detail && <small className="whitespace-pre-wrap">{change.detail}</small>}
          </p>
        </li>
      ))}
    </ul>
  );
}
