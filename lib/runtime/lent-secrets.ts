import type { Secrets } from "../engine/step.ts";

/**
 * Holds secrets for one job alone.
 * @returns what puts back how it was before: a secret that was not held is then forgotten.
 */
export function lend(held: Secrets, given: Secrets): () => void {
  const before = { ...held };
  Object.assign(held, given);
  return () => {
    for (const name of Object.keys(given) as (keyof Secrets)[]) delete held[name];
    Object.assign(held, before);
  };
}
