import type { HealthLevel } from "../../lib/health/report.ts";
import type { Label } from "../../lib/problem.ts";
import { Mark } from "../ui/mark.tsx";

/** One line of what REC.IO could do with what was given: yes, no, or not known yet. */
export interface Ability {
  id: string;
  level: Exclude<HealthLevel, "stale">;
  label?: Label;
  says: string;
}

export function Receipt({ title, abilities }: { title: string; abilities: readonly Ability[] }) {
  if (abilities.length === 0) return null;
  return (
    <section className="receipt">
      <h2>{title}</h2>
      <ul>
        {abilities.map((ability) => (
          <li key={ability.id}>
            {ability.level === "unknown" ? (
              <Mark state="waiting" word="not known yet" />
            ) : (
              <Mark state={ability.level} />
            )}
            <p>{ability.says}</p>
            {ability.level !== "ok" && ability.label ? <span className="label">{ability.label}</span> : <span />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The receipt that an inquiry of a key wrote, where it came that far. */
export function abilitiesIn(facts: Record<string, unknown> | undefined): Ability[] {
  return Array.isArray(facts?.receipt) ? (facts.receipt as Ability[]) : [];
}
