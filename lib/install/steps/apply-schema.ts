import type { AnyProbe } from "../../engine/probe.ts";
import { step } from "../../engine/step.ts";
import { appRights } from "../../health/probes/database/database.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { changesFor, surveyOf } from "../../postgres/contract/changes.ts";
import { compare, type Difference, type Owners } from "../../postgres/contract/compare.ts";
import { type FoundObjects, introspect } from "../../postgres/contract/introspect.ts";
import { namingLockHolder } from "../../postgres/contract/lock-holders.ts";
import { dateForNames, emptyReceipt, type MendReceipt, mend, mendOwners } from "../../postgres/contract/mend.ts";
import { dropEmptySchemas, giveBack, unmend } from "../../postgres/contract/unmend.ts";
import type { As, Postgres } from "../../postgres/postgres.ts";
import { nothingThereYet } from "../../postgres/roles/administrator.ts";
import { targetOf } from "../../postgres/target.ts";
import { isProblem } from "../../problem.ts";
import type { Answers } from "../answers.ts";

const nothingFound: FoundObjects = { schemas: {}, tables: [], asides: [] };

/** Refusals that mean: the database is not there for us yet, so everything is still to be made. */
const notThereYet = new Set([
  "database.database-missing",
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
]);

async function foundSoFar(postgres: Postgres): Promise<FoundObjects> {
  if (await nothingThereYet(postgres)) return nothingFound;
  try {
    return await introspect(postgres, "installer");
  } catch (error) {
    if (isProblem(error) && notThereYet.has(error.code)) return nothingFound;
    // A stopped embedded server is started by an earlier step; what stands in it cannot be told before that.
    throw error;
  }
}

/** Owners that the installer may not take things from: they are neither itself nor REC.IO's role. */
function needsAdministrator(differences: readonly Difference[], owners: Owners): boolean {
  return differences.some(
    ({ kind, found }) =>
      (kind === "schema-owner" || kind === "table-owner") && found !== owners.appUser && found !== owners.installerUser,
  );
}

/**
 * Brings the database to the contract. Adds, and never drops: a table of the wrong shape is kept under a dated name, and
 * its rows are carried into one of the right shape.
 * @param further what else must hold afterwards: that the checkout's own statements prepare.
 */
export function applySchema(answers: Answers, further: readonly AnyProbe[] = []) {
  const target = targetOf(answers.database);
  return step<"postgres", MendReceipt>({
    id: "apply-schema",
    title: "Create the tables that REC.IO uses",
    why: "REC.IO's own installer makes tables with which 101 of its 184 statements fail, and nothing says so.",
    probes: [schemaMatchesContract(answers), appRights(answers), ...further],

    async describe({ postgres }) {
      return [
        ...changesFor(await foundSoFar(postgres), target, dateForNames(new Date())),
        {
          what: "sql",
          target: target.appUser,
          detail: "GRANT and default privileges on the five schemas, as far as they are missing",
        },
      ];
    },

    survey: async ({ postgres }) => surveyOf(await foundSoFar(postgres), target, dateForNames(new Date())),

    async run({ postgres }, job) {
      const receipt = emptyReceipt();
      const differences = compare(await introspect(postgres, "installer"), target);
      const as: As = needsAdministrator(differences, target) ? "admin" : "installer";
      await namingLockHolder(postgres, async () => {
        if (as === "admin") {
          await postgres.withTransaction(as, async (session) => {
            await session.query("SET LOCAL lock_timeout = '5s'");
            await mendOwners(session, differences, receipt);
          });
          await job.spent(receipt);
        }
        // Everything else in one transaction: a process that dies in the middle leaves the database as it was.
        await postgres.withTransaction("installer", (session) => mend(session, target, receipt), {
          signal: job.signal,
          statementTimeoutMs: 1_800_000,
        });
      });
      const made = [
        `${receipt.schemas.length} schemas`,
        `${receipt.tables.length} tables`,
        `${receipt.columns.length} columns`,
      ];
      job.log(`Made ${made.join(", ")}.`);
      for (const [title, aside, rows] of receipt.replaced)
        job.log(`${title} was made anew with ${rows} rows of the old one, which is kept as ${aside}.`);
      return receipt;
    },

    undo: {
      async takeBack({ postgres }, receipt, job) {
        if (await nothingThereYet(postgres)) return;
        try {
          await namingLockHolder(postgres, () =>
            postgres.withTransaction("installer", async (session) => {
              await unmend(session, receipt);
              const stay = await dropEmptySchemas(session, receipt.schemas);
              if (stay.length > 0) job.log(`The schemas ${stay.join(", ")} stay: something else is in them.`);
            }),
          );
        } catch (error) {
          // A database that is gone took everything with it.
          if (isProblem(error) && error.code === "database.database-missing") return;
          throw error;
        }
        if (receipt.owners.length === 0) return;
        const others = receipt.owners.some(([, , owner]) => owner !== target.appUser && owner !== target.installerUser);
        await postgres.withTransaction(others ? "admin" : "installer", (session) => giveBack(session, receipt.owners));
      },
    },
  });
}
