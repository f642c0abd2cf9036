import { z } from "zod";
import { Problem, type ProblemFacts, sentence } from "../../problem.ts";

const list = z
  .array(z.string())
  .nullable()
  .transform((names) => names ?? []);

/** What a source says of itself and of the role that reads it (sql/clone/source-facts.sql). */
export const sourceFacts = z.object({
  versionNumber: z.number(),
  version: z.string(),
  role: z.string(),
  encoding: z.string(),
  replica: z.boolean(),
  tls: z.boolean(),
  missingSchemas: list,
  /** There, and the role has no USAGE on them. */
  closedSchemas: list,
  attributes: list,
  memberOf: list,
  createsSchemas: z.boolean(),
  createsIn: list,
  /** Tables that the role can write to; the log's own INSERT and UPDATE do not count. */
  writes: list,
  /** Sequences that the role can move. */
  counts: list,
  log: z.object({ there: z.boolean(), insert: z.boolean(), update: z.boolean() }),
});
export type SourceFacts = z.infer<typeof sourceFacts>;

const oldest = 13;

/** Everything that the role can do beyond reading and its line in the access log, in words; empty for a role as it should be. */
export function tooManyRights(facts: SourceFacts): string[] {
  const some = (names: readonly string[]) =>
    names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return [
    ...facts.attributes.map((what) => `it ${what}`),
    ...facts.memberOf.map((role) => `it is a member of ${role}`),
    ...(facts.createsSchemas ? ["it may create schemas"] : []),
    ...(facts.createsIn.length > 0 ? [`it may create tables in ${some(facts.createsIn)}`] : []),
    ...(facts.writes.length > 0 ? [`it may write to ${some(facts.writes)}`] : []),
    ...(facts.counts.length > 0 ? [`it may move the sequences ${some(facts.counts)}`] : []),
  ];
}

const remedy = sentence(
  "Ask the source's administrator to run what `npm run source -- sql` prints; it makes a role that can only read.",
);

/** What stands in the way of copying from such a source, the first thing first; undefined where nothing does. */
export function sourceFault(facts: SourceFacts): ProblemFacts | undefined {
  if (facts.versionNumber < oldest * 10_000)
    return {
      code: "source.version-too-old",
      says: `The source is PostgreSQL ${facts.version}, and ${oldest} is the oldest that can be copied from.`,
      remedy: sentence("Ask for a source with a newer PostgreSQL."),
    };
  const rights = tooManyRights(facts);
  if (rights.length > 0)
    return {
      code: "source.too-many-rights",
      says: `The role ${facts.role} can do more at the source than read: ${rights.join("; ")}.`,
      remedy,
    };
  if (facts.closedSchemas.length > 0)
    return {
      code: "source.schema-closed",
      says: `The role ${facts.role} may not look into ${facts.closedSchemas.join(", ")} at the source.`,
      remedy,
    };
  if (facts.missingSchemas.length === 3)
    return {
      code: "source.nothing-there",
      says: "The source has none of the schemas analytics, historical_data and live_data.",
      remedy: sentence("Check the name of the source's database."),
    };
  return undefined;
}

/** @throws Problem as {@link sourceFault} says. */
export function refuseSource(facts: SourceFacts): void {
  const fault = sourceFault(facts);
  if (fault) throw new Problem(fault);
}
