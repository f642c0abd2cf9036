import { z } from "zod";
import { Problem, sentence } from "../problem.ts";

/**
 * What a world offers to whoever writes answers, by name: places that are known only once the world is there. Paths and
 * numbers, no secret.
 */
export const worldOffers = z.record(z.string(), z.union([z.string(), z.number()]));
export type WorldOffers = z.infer<typeof worldOffers>;

const asksFor = /^\{offered:([a-z-]+)\}$/;

/**
 * Replaces every text "{offered:NAME}" of an answers file by what the world offers under that name. Pure.
 * @throws Problem `answers.not-offered`
 */
export function withOffers(json: unknown, offers: WorldOffers): unknown {
  if (Array.isArray(json)) return json.map((one) => withOffers(one, offers));
  if (typeof json === "object" && json !== null)
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withOffers(value, offers)]));
  const name = typeof json === "string" ? asksFor.exec(json)?.[1] : undefined;
  if (name === undefined) return json;
  const offered = offers[name];
  if (offered !== undefined) return offered;
  const known = Object.keys(offers);
  throw new Problem({
    code: "answers.not-offered",
    says: `The answers ask for {offered:${name}}, and this world offers ${known.length === 0 ? "nothing by name" : known.join(", ")}.`,
    remedy: sentence(
      known.length === 0
        ? "Write the answer itself, or add --rehearsal."
        : "Write the answer itself, or one of those names.",
    ),
  });
}
