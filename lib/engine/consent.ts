import { createHash } from "node:crypto";
import type { Change } from "./step.ts";

/** What the person has seen and agreed to: the changes of each step, by its id. */
export type Consent = Readonly<Record<string, readonly Change[]>>;

/** One line that tells a change from every other. */
function lineOf(change: Change): string {
  return JSON.stringify([change.what, change.target, change.detail ?? ""]);
}

/** The hash of what was shown, in the order in which it was shown: 64 hexadecimal digits. */
export function consentHash(entries: readonly { id: string; changes: readonly Change[] }[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) {
    hash.update(`${JSON.stringify(entry.id)}\n`);
    for (const change of entry.changes) hash.update(`${lineOf(change)}\n`);
  }
  return hash.digest("hex");
}

/**
 * The changes that would be made now and were never shown. A resumed run does less than what was consented to, which
 * is fine; one change more, and the plan is out of date.
 */
export function notConsented(now: readonly Change[], shown: readonly Change[]): Change[] {
  const agreed = new Set(shown.map(lineOf));
  return now.filter((change) => !agreed.has(lineOf(change)));
}
