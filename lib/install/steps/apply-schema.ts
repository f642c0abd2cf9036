import type { AnyProbe } from "../../engine/probe.ts";
import { type Change, step } from "../../engine/step.ts";
import { appRights } from "../../health/probes/database/database.ts";
import { schemaMatchesContract } from "../../health/probes/database/schema.ts";
import { compare, type Difference, type Owners, schemaOwner, tableOwner } from "../../postgres/contract/compare.ts";
import { type FoundObjects, introspect } from "../../postgres/contract/introspect.ts";
import { namingLockHolder } from "../../postgres/contract/lock-holders.ts";
import {
  dropEmptySchemas,
  emptyReceipt,
  giveBack,
  type MendReceipt,
  mend,
  mendOwners,
  refuseNotMendable,
  unmend,
} from "../../postgres/contract/mend.ts";
import type { As, Postgres } from "../../postgres/postgres.ts";
import { nothingThereYet } from "../../postgres/roles/administrator.ts";
import { targetOf } from "../../postgres/target.ts";
import { isProblem } from "../../problem.ts";
import type { Answers } from "../answers.ts";

/** Refusals that mean: the database is not there for us yet, so everything is still to be made. */
const notThereYet = new Set([
  "database.database-missing",
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
]);

async function foundSoFar(postgres: Postgres): Promise<FoundObjects> {
  if (await nothingThereYet(postgres)) return { schemas: {}, tables: [] };
  try {
    return await introspect(postgres, "installer");
  } catch (error) {
    if (isProblem(error) && notThereYet.has(error.code)) return { schemas: {}, tables: [] };
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

function changeFor(difference: Difference, owners: Owners): Change {
  const { kind, object, table, found, owner, columns } = difference;
  const column = table?.columns.find(({ name }) => name === difference.column);
  const sql = (detail: string): Change => ({ what: "sql", target: object, detail });
  switch (kind) {
    case "schema-missing":
      return sql(`CREATE SCHEMA, owned by ${schemaOwner(object, owners)}`);
    case "table-missing":
      return sql(`CREATE TABLE, ${table?.columns.length} columns, owned by ${table ? tableOwner(table, owners) : ""}`);
    case "schema-owner":
    case "table-owner":
      return sql(`belongs to ${found}: OWNER TO ${owner}`);
    case "column-missing":
      return sql(
        `ADD COLUMN ${column?.type}${column?.notNull ? " NOT NULL" : ""}${column?.default ? ` DEFAULT ${column.default}` : ""}`,
      );
    case "column-narrow":
      return sql(`is ${found}: TYPE ${column?.type}, which keeps every value`);
    case "default-missing":
      return sql(`SET DEFAULT ${column?.default}`);
    case "primary-key-missing":
      return sql(`ADD PRIMARY KEY (${columns?.join(", ")})`);
    case "unique-missing":
      return sql(`ADD UNIQUE (${columns?.join(", ")})`);
    case "column-order":
      return sql("is renamed and kept; a table with the columns in the right order is made in its place");
    default:
      return sql("is not changed");
  }
}

/**
 * Brings the database to the contract. Adds, never drops; what it may not mend it refuses by name.
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
      const differences = compare(await foundSoFar(postgres), target);
      refuseNotMendable(differences);
      const rebuilt = new Set(differences.filter(({ kind }) => kind === "column-order").map(({ object }) => object));
      const changes = differences
        .filter(({ kind, table }) => kind === "column-order" || !table || !rebuilt.has(table.title))
        .map((difference) => changeFor(difference, target));
      return [
        ...changes,
        {
          what: "sql",
          target: target.appUser,
          detail: "GRANT and default privileges on the five schemas, as far as they are missing",
        },
      ];
    },

    async run({ postgres }, job) {
      const receipt = emptyReceipt();
      const differences = compare(await introspect(postgres, "installer"), target);
      refuseNotMendable(differences);
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
          statementTimeoutMs: 120_000,
        });
      });
      const made = [
        `${receipt.schemas.length} schemas`,
        `${receipt.tables.length} tables`,
        `${receipt.columns.length} columns`,
      ];
      job.log(`Made ${made.join(", ")}.`);
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
