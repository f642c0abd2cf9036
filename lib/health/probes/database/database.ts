import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { contract, contractSchemas } from "../../../postgres/contract/contract.ts";
import type { As, Postgres } from "../../../postgres/postgres.ts";
import { sqlFile } from "../../../postgres/sql-file.ts";
import { targetOf } from "../../../postgres/target.ts";
import { isProblem, Problem, type ProblemFacts, problemFacts, repairedBy, sentence } from "../../../problem.ts";
import { sharedReading } from "../../watching/shared-reading.ts";

/** PostgreSQL 14 has everything that the contract's look at the catalogue and the clone's checksums use. */
export const oldestVersion = 14;

/** Refusals that only a server can give which answers: it is there, whatever it thinks of the role. */
const answered = new Set([
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
  "database.host-not-admitted",
  "database.database-missing",
  "database.right-missing",
  "database.role-missing",
]);

/** Refusals after the login itself went well. */
const loggedIn = new Set(["database.database-missing", "database.right-missing", "database.object-missing"]);

/** A finding that says what a problem says. */
export function findingOf(problem: ProblemFacts): Finding {
  return {
    level: "fail",
    says: problem.says,
    remedy: problem.remedy ?? sentence("Look into the server's log."),
    ...(problem.evidence ? { evidence: problem.evidence } : {}),
  };
}

/** What a question gave, or the problem that it met; anything else is thrown on. */
export async function orProblem<T>(work: Promise<T>): Promise<{ value: T } | { problem: ProblemFacts }> {
  try {
    return { value: await work };
  } catch (error) {
    if (isProblem(error)) return { problem: problemFacts(error) };
    throw error;
  }
}

/** Asks as the first identity that is let in. Before there are roles that is the administrator. */
async function askAnyone<Row extends object>(postgres: Postgres, text: string, signal: AbortSignal): Promise<Row[]> {
  const ways: [As, string | undefined][] = [
    ["app", undefined],
    ["installer", undefined],
    ["admin", postgres.target.adminDatabase],
  ];
  let first: unknown;
  for (const [as, database] of ways) {
    try {
      return await postgres.query<Row>(as, text, [], { signal, ...(database ? { database } : {}) });
    } catch (error) {
      if (!isProblem(error) || !answered.has(error.code)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** "PostgreSQL answers": some server speaks PostgreSQL at the target's address. */
export function databaseAnswers(): AnyProbe {
  return probe<"postgres", ProblemFacts | undefined>({
    id: "database-answers",
    title: "PostgreSQL answers",
    group: "Database",
    label: "machine",
    everyMs: 3000,
    async collect({ postgres }, signal) {
      const answer = await orProblem(postgres.query("app", "SELECT 1", [], { signal }));
      return "value" in answer || answered.has(answer.problem.code) ? undefined : answer.problem;
    },
    judge: (problem) => (problem ? findingOf(problem) : { level: "ok", says: "PostgreSQL answers." }),
  });
}

interface ServerFacts {
  version: string;
  number: number;
  replica: boolean;
  read_only: boolean;
}

/** "PostgreSQL is new enough and takes writes". */
export function databaseVersion(): AnyProbe {
  const text =
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number, pg_is_in_recovery() AS replica, current_setting('default_transaction_read_only') = 'on' AS read_only";
  return probe<"postgres", ServerFacts | undefined>({
    id: "database-version",
    title: `PostgreSQL is ${oldestVersion} or newer and takes writes`,
    group: "Database",
    label: "machine",
    everyMs: 30_000,
    collect: async ({ postgres }, signal) => (await askAnyone<ServerFacts>(postgres, text, signal))[0],
    judge(facts) {
      if (!facts) return { level: "unknown", says: "PostgreSQL did not say its version." };
      const version = facts.version.split(" ")[0];
      if (facts.number < oldestVersion * 10_000)
        return {
          level: "fail",
          says: `PostgreSQL is ${version}, and ${oldestVersion} is the oldest that works.`,
          remedy: sentence(`Name a server with PostgreSQL ${oldestVersion} or newer.`),
        };
      if (facts.replica)
        return {
          level: "fail",
          says: "This PostgreSQL is a replica and takes no writes.",
          remedy: sentence("Name the primary server."),
        };
      if (facts.read_only)
        return {
          level: "fail",
          says: "This PostgreSQL is set to read-only.",
          remedy: sentence("Set default_transaction_read_only to off."),
        };
      return { level: "ok", says: `PostgreSQL ${version} takes writes.` };
    },
  });
}

/** "Role rec_io_user can log in", with the password in its file. */
export function roleCanLogIn(answers: Answers, as: "app" | "installer"): AnyProbe {
  const target = targetOf(answers.database);
  const role = as === "app" ? target.appUser : target.installerUser;
  const remedy = repairedBy("create-database-roles", "Create the role, or give it a new password.");
  return probe<"postgres", ProblemFacts | undefined>({
    id: `database-role-${as}`,
    title: `Role ${role} can log in`,
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    async collect({ postgres }, signal) {
      const answer = await orProblem(postgres.query(as, "SELECT 1", [], { signal }));
      if ("value" in answer || loggedIn.has(answer.problem.code)) return undefined;
      if (!answered.has(answer.problem.code)) throw new Problem(answer.problem);
      return answer.problem;
    },
    judge: (problem) =>
      problem ? { ...findingOf(problem), level: "fail", remedy } : { level: "ok", says: `${role} can log in.` },
  });
}

interface OwnFacts {
  owner?: string;
  encoding?: string;
  problem?: ProblemFacts;
}

/** "The database rec_io_db is ours": it is there, in UTF-8, and the installer owns it. */
export function databaseIsOurs(answers: Answers): AnyProbe {
  const target = targetOf(answers.database);
  const remedy = repairedBy("create-database", "Create the database, or take it over.");
  return probe<"postgres", OwnFacts>({
    id: "database-is-ours",
    title: `Database ${target.database} is there and belongs to the installer`,
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    async collect({ postgres }, signal) {
      const answer = await orProblem(
        postgres.query<OwnFacts>("installer", sqlFile("probes/database-facts.sql"), [], { signal }),
      );
      if ("value" in answer) return answer.value[0] ?? {};
      if (!loggedIn.has(answer.problem.code)) throw new Problem(answer.problem);
      return { problem: answer.problem };
    },
    judge({ owner, encoding, problem }) {
      if (problem) return { ...findingOf(problem), level: "fail", remedy };
      if (encoding !== "UTF8")
        return {
          level: "fail",
          says: `The database ${target.database} is in ${encoding}, and REC.IO writes UTF-8.`,
          remedy: sentence("Name another database."),
        };
      if (owner !== target.installerUser)
        return { level: "fail", says: `The database ${target.database} belongs to ${owner}.`, remedy };
      return { level: "ok", says: `The database ${target.database} belongs to ${owner}.` };
    },
  });
}

interface RightsFacts {
  may_create: boolean;
  may_make_temporary: boolean;
  closed_schemas: string[];
  closed_tables: string[];
  closed_sequences: string[];
  schemas_without_defaults: string[];
}

const rightsOfApp = sharedReading((postgres: Postgres) =>
  postgres.query<RightsFacts>("app", sqlFile("probes/app-rights.sql"), [
    [...contractSchemas],
    postgres.target.installerUser,
    contract.map((table) => table.title),
  ]),
);

function rightsProbe(id: string, title: string, stepId: string, judge: (facts: RightsFacts) => Finding): AnyProbe {
  return probe<"postgres", { facts?: RightsFacts; problem?: ProblemFacts }>({
    id,
    title,
    group: "Database",
    label: "machine",
    everyMs: 10_000,
    async collect({ postgres }) {
      const answer = await orProblem(rightsOfApp(postgres));
      if ("value" in answer) return answer.value[0] ? { facts: answer.value[0] } : {};
      // A role that is let in but not into the database lacks a right; one that is not let in is another probe's matter.
      if (!loggedIn.has(answer.problem.code)) throw new Problem(answer.problem);
      return { problem: answer.problem };
    },
    judge({ facts, problem }) {
      if (facts) return judge(facts);
      const says = problem?.says ?? "The rights of REC.IO's role are not known.";
      return { level: "fail", says, remedy: repairedBy(stepId, "Grant the rights.") };
    },
  });
}

/** "rec_io_user may create in the database": two programs create schemas, tables and indexes each time they start. */
export function appMayCreate(answers: Answers): AnyProbe {
  const { appUser, database } = targetOf(answers.database);
  return rightsProbe(
    "database-app-may-create",
    `Role ${appUser} may create in the database`,
    "create-database",
    (facts) => {
      const lacks = [...(facts.may_create ? [] : ["CREATE"]), ...(facts.may_make_temporary ? [] : ["TEMP"])];
      if (lacks.length === 0) return { level: "ok", says: `${appUser} may create in ${database}.` };
      return {
        level: "fail",
        says: `${appUser} lacks ${lacks.join(" and ")} on the database ${database}.`,
        remedy: repairedBy("create-database", "Grant the rights."),
        objects: [database],
      };
    },
  );
}

/** "rec_io_user has its rights": on schemas, tables, sequences, and on what the installer will make later. */
export function appRights(answers: Answers): AnyProbe {
  const { appUser } = targetOf(answers.database);
  return rightsProbe(
    "database-app-rights",
    `Role ${appUser} may read and write what it needs`,
    "apply-schema",
    (facts) => {
      const remedy = repairedBy("apply-schema", "Grant the rights.");
      const closed = [...facts.closed_schemas, ...facts.closed_tables, ...facts.closed_sequences];
      if (closed.length > 0)
        return { level: "fail", says: `${appUser} may not use ${closed.join(", ")}.`, remedy, objects: closed };
      const without = facts.schemas_without_defaults;
      if (without.length > 0)
        return {
          level: "fail",
          says: `${appUser} would not be let into new tables of ${without.join(", ")}.`,
          remedy,
          objects: without,
        };
      return { level: "ok", says: `${appUser} may read and write every table of the contract's schemas.` };
    },
  );
}

/** Every question about the server, its roles and the database, in the order in which steps make them true. */
export function databaseProbes(answers: Answers): AnyProbe[] {
  return [
    databaseAnswers(),
    databaseVersion(),
    roleCanLogIn(answers, "installer"),
    roleCanLogIn(answers, "app"),
    databaseIsOurs(answers),
    appMayCreate(answers),
    appRights(answers),
  ];
}
