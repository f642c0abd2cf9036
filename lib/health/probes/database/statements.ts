import type { Statement, StatementReading } from "../../../checkout/statements/read-statements.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { contract } from "../../../postgres/contract/contract.ts";
import {
  countPreparable,
  prepareStatements,
  type RefusedStatement,
} from "../../../postgres/contract/prepare-statements.ts";
import type { Postgres } from "../../../postgres/postgres.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";
import { type Evidence, repairedBy, sentence } from "../../../problem.ts";

/** How many refusals the sentence spells out before it counts the rest; `objects` names everything that is missing. */
const namedAtMost = 3;
const evidenceAtMost = 40;
/** What decides about a statement and leaves no mark in this database's catalogue (a role's memberships) is asked again after this. */
const keptMs = 300_000;

export interface StatementFacts {
  asked: number;
  refused: readonly RefusedStatement[];
  unread: StatementReading["unread"];
  /** Tables that the checkout's own code makes when it starts. */
  makes: readonly string[];
}

const place = ({ file, line }: Pick<Statement, "file" | "line">) => `${file}:${line}`;

function clause({ statement, missing, message, state }: RefusedStatement): string {
  const begins = statement.sql.replace(/\s+/g, " ").slice(0, 60);
  if (state === "42P01" || state === "3F000" || state === "42703") return `${place(statement)} needs ${missing}`;
  return `${place(statement)} is refused: ${message} (${begins}…)`;
}

/** The statements with where they stand, and the server's own words to each. */
function evidence(refused: readonly RefusedStatement[]): Evidence {
  const shown = refused.slice(0, evidenceAtMost);
  const where = ({ statement }: RefusedStatement) =>
    `${place(statement)}${statement.function ? ` in ${statement.function}()` : ""}`;
  return {
    asked: shown.map((one) => `${where(one)}: ${one.statement.sql.replace(/\s+/g, " ").slice(0, 400)}`).join("\n"),
    cameBack: shown.map((one) => `${where(one)}: ${one.message} (${one.state}), missing: ${one.missing}`).join("\n"),
  };
}

/** What the refusals amount to. Pure. */
export function judgeStatements({ asked, refused, unread, makes }: StatementFacts): Finding {
  const later = refused.filter(({ state, missing }) => state === "42P01" && makes.includes(missing));
  const wrong = refused.filter((one) => !later.includes(one));
  const all = new Set(wrong.map(({ statement }) => `${place(statement)} ${statement.sql}`)).size;
  if (wrong.length > 0) {
    const named = wrong.slice(0, namedAtMost).map(clause);
    const rest = wrong.length - named.length;
    const known = new Set(contract.map(({ title }) => title));
    const foreign = wrong.filter(
      ({ missing }) => ![...known].some((title) => missing === title || missing.startsWith(`${title}.`)),
    );
    return {
      level: "fail",
      says: `${asked - all} of ${asked} statements of this checkout prepare on this database. ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`,
      objects: [...new Set(wrong.map(({ missing }) => missing))],
      evidence: evidence(wrong),
      remedy:
        foreign.length > 0
          ? sentence("Check out a commit whose tables this setup knows, such as 26c9406 or 088d3e4, and install again.")
          : repairedBy("apply-schema", "Create what is missing."),
    };
  }
  const open = unread.map(place);
  if (later.length > 0)
    return {
      level: "warn",
      says: `${asked - later.length} of ${asked} statements of this checkout prepare on this database; the others wait for ${[...new Set(later.map(({ missing }) => missing))].join(", ")}, which the checkout's own code makes when it starts.`,
      objects: [...new Set(later.map(({ missing }) => missing))],
      remedy: sentence("Look again when the programs have started."),
    };
  return {
    level: "ok",
    says: `${asked} of ${asked} statements of this checkout prepare on this database.${open.length > 0 ? ` What ${open.join(", ")} sends cannot be told by reading.` : ""}`,
  };
}

interface Kept {
  mark: string;
  reading: StatementReading;
  at: number;
  facts: StatementFacts;
}

/** Answers that still hold: by connection, for neither the checkout's files nor the catalogue have changed. */
const kept = new WeakMap<Pick<Postgres, "query">, Kept>();

/** "Every statement of the checkout prepares on this database". Asked anew only when the checkout's files or the catalogue changed. */
export function statementsPrepare(): AnyProbe {
  return probe<"postgres" | "checkout", StatementFacts>({
    id: "statements-prepare",
    title: "Every SQL statement of the checkout prepares on this database",
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    timeoutMs: 60_000,
    async collect({ postgres, checkout }, signal) {
      const [reading, [row]] = await Promise.all([
        checkout.statements(signal),
        postgres.query<{ mark: string }>("app", sqlFile("probes/catalogue-mark.sql"), [], { signal }),
      ]);
      const before = kept.get(postgres);
      const mark = row?.mark ?? "";
      if (before && before.mark === mark && before.reading === reading && Date.now() - before.at < keptMs)
        return before.facts;
      const refused = await prepareStatements(postgres, reading.statements, signal);
      const facts = {
        asked: countPreparable(reading.statements),
        refused,
        unread: reading.unread,
        makes: reading.statements.flatMap(({ makes }) => makes ?? []),
      };
      kept.set(postgres, { mark, reading, at: Date.now(), facts });
      return facts;
    },
    judge: judgeStatements,
  });
}
