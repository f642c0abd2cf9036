import { join } from "node:path";
import type { Statement } from "../../checkout/statements/read-statements.ts";
import type { AnyProbe } from "../../engine/probe.ts";
import { step } from "../../engine/step.ts";
import { appRights } from "../../health/probes/database/database.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { writeBackup } from "../../postgres/backup/backup.ts";
import { keptIn, proveBackup } from "../../postgres/backup/prove-backup.ts";
import { changesFor, surveyOf, tablesToKeep } from "../../postgres/contract/changes.ts";
import { compare, type Difference, type Owners } from "../../postgres/contract/compare.ts";
import { type FoundObjects, introspect } from "../../postgres/contract/introspect.ts";
import { namingLockHolder } from "../../postgres/contract/lock-holders.ts";
import { dateForNames, emptyReceipt, type MendReceipt, mend, mendOwners } from "../../postgres/contract/mend.ts";
import { dropEmptySchemas, giveBack, unmend } from "../../postgres/contract/unmend.ts";
import type { As, Postgres } from "../../postgres/postgres.ts";
import { asWhoIsLetIn, nothingThereYet } from "../../postgres/roles/administrator.ts";
import { targetOf } from "../../postgres/target.ts";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

const nothingFound: FoundObjects = { schemas: {}, tables: [], asides: [] };

/** "2026-11-20T13-05-09": when a backup was begun. */
const stampForNames = (now: Date) => now.toISOString().slice(0, 19).replaceAll(":", "-");

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
    return await asWhoIsLetIn((as) => introspect(postgres, as));
  } catch (error) {
    if (isProblem(error) && notThereYet.has(error.code)) return nothingFound;
    // A stopped embedded server is started by an earlier step; what stands in it cannot be told before that.
    throw error;
  }
}

/** What the checkout sends, as far as it can be read now: before Python is here it cannot, and the plan goes on without. */
async function statementsHere(checkout: World["checkout"]): Promise<readonly Statement[]> {
  try {
    return (await checkout.statements()).statements.filter(({ kind }) => kind === "query");
  } catch (error) {
    if (isProblem(error)) return [];
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
  return step<"postgres" | "paths" | "machine" | "checkout", MendReceipt>({
    id: "apply-schema",
    title: "Create the tables that REC.IO uses",
    why: "REC.IO's own installer makes tables with which 101 of its 184 statements fail, and nothing says so.",
    probes: [schemaMatchesContract(answers), appRights(answers), ...further],

    async describe({ postgres, paths }) {
      const [found, today] = [await foundSoFar(postgres), dateForNames(new Date())];
      const kept = tablesToKeep(found, target, today);
      return [
        ...(kept.length > 0
          ? [
              {
                what: "folder" as const,
                target: paths.backups,
                detail: `first a backup of the rows of ${kept.join(", ")}, put back elsewhere and compared before anything is changed`,
              },
            ]
          : []),
        ...changesFor(found, target, today),
        {
          what: "sql",
          target: target.appUser,
          detail: "GRANT and default privileges on the five schemas, as far as they are missing",
        },
      ];
    },

    survey: async ({ postgres, checkout }) => {
      const [found, statements] = await Promise.all([foundSoFar(postgres), statementsHere(checkout)]);
      return surveyOf(found, target, dateForNames(new Date()), statements);
    },

    async run({ postgres, paths, machine }, job) {
      const receipt = emptyReceipt();
      const found = await introspect(postgres, "installer");
      const differences = compare(found, target);
      const as: As = needsAdministrator(differences, target) ? "admin" : "installer";
      const kept = tablesToKeep(found, target, dateForNames(new Date()));
      const folder = join(paths.backups, `${target.database.replace(/[^\w-]/g, "_")}-${stampForNames(new Date())}`);
      const backup =
        kept.length > 0 ? await writeBackup({ postgres, machine }, as, folder, kept, job.signal) : undefined;
      if (backup) {
        const where = await proveBackup(postgres, keptIn(machine, backup), job.signal);
        receipt.backup = backup.folder;
        const rows = backup.tables.reduce((sum, table) => sum + table.rows, 0);
        job.log(
          `${counted(rows, "row")} of ${counted(backup.tables.length, "table")} kept in ${backup.folder}, and put back in ${where}: counts and hashes are equal.`,
        );
        await job.spent(receipt);
      }
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
      const counts = [counted(receipt.schemas.length, "schema"), counted(receipt.tables.length, "table")];
      job.log(`Made ${counts.join(", ")}, ${counted(receipt.columns.length, "column")}.`);
      for (const [title, aside, rows] of receipt.replaced)
        job.log(`${title} was made anew with ${counted(rows, "row")} of the old one, which is kept as ${aside}.`);
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
