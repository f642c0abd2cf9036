import type { Debt, Found } from "../engine/undo.ts";

/** What an uninstall would take back and what it would leave, one sentence each, in the order in which it happens. */
export function describeDebts(
  owed: readonly Debt[],
  find: (debt: Debt) => Found | undefined,
): { goes: string[]; stays: string[] } {
  const goes = new Set<string>();
  const stays = new Set<string>();
  for (const debt of owed) {
    const found = find(debt);
    if (!found) stays.add(`What "${debt.stepId}" made: this version of the product does not know that step.`);
    else if ("never" in found.step.undo) stays.add(`${found.step.title}: ${found.step.undo.never}`);
    else goes.add(`What "${found.step.title}" made.`);
  }
  return { goes: [...goes], stays: [...stays] };
}
