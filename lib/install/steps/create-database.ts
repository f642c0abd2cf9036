import { type Change, step } from "../../engine/step.ts";
import { appMayCreate, databaseIsOurs } from "../../health/probes/database/database.ts";
import { quoteIdentifier } from "../../postgres/identifier.ts";
import { actingFor, databaseNow, nothingThereYet } from "../../postgres/roles/administrator.ts";
import { targetOf } from "../../postgres/target.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Answers } from "../answers.ts";

/** `made`: it did not exist before. `owner`: who owned a database that was there. */
type Receipt = { database: string; made: boolean; owner?: string };

/** Makes the database, or takes over the one that has the name; nothing in it is touched by this step. */
export function createDatabase(answers: Answers) {
  const target = targetOf(answers.database);
  const [database, installer, app] = [target.database, target.installerUser, target.appUser].map(quoteIdentifier) as [
    string,
    string,
    string,
  ];
  return step<"postgres", Receipt>({
    id: "create-database",
    title: "Create the database",
    why: "REC.IO keeps everything in one database, and the installer owns it.",
    probes: [databaseIsOurs(answers), appMayCreate(answers)],

    async describe({ postgres }): Promise<Change[]> {
      const found = await databaseNow(postgres);
      refuseEncoding(target.database, found?.encoding);
      const rights: Change = {
        what: "sql",
        target: target.database,
        detail: `GRANT CONNECT, CREATE, TEMP TO ${target.appUser}`,
      };
      if (!found)
        return [
          {
            what: "database",
            target: target.database,
            detail: `UTF8, owned by ${target.installerUser}, closed to other roles`,
          },
          rights,
        ];
      return [
        ...(found.owner === target.installerUser
          ? []
          : [
              {
                what: "database" as const,
                target: target.database,
                detail: `is there and belongs to ${found.owner}: it is given to ${target.installerUser}`,
              },
            ]),
        ...(found.app_rights ? [] : [rights]),
      ];
    },

    async run({ postgres }, job) {
      const admin = (text: string) =>
        postgres.query("admin", text, undefined, { database: target.adminDatabase, statementTimeoutMs: 60_000 });
      const found = await databaseNow(postgres);
      refuseEncoding(target.database, found?.encoding);
      const other = found && found.owner !== target.installerUser;
      const receipt: Receipt = { database: target.database, made: !found, ...(other ? { owner: found.owner } : {}) };
      await job.spent(receipt);
      await actingFor(postgres, target.installerUser, async () => {
        if (!found) {
          // REC.IO compares times as text, so the plain order of bytes is both right and fast.
          await admin(
            `CREATE DATABASE ${database} OWNER ${installer} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
          );
          await admin(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
          job.log(`The database ${target.database} is made.`);
        } else if (other) {
          await admin(`ALTER DATABASE ${database} OWNER TO ${installer}`);
          job.log(
            `The database ${target.database} belonged to ${found.owner} and belongs to ${target.installerUser} now.`,
          );
        }
        await admin(`GRANT CONNECT, CREATE, TEMP ON DATABASE ${database} TO ${app}`);
      });
      await postgres.forget();
      return receipt;
    },

    undo: {
      async takeBack({ postgres }, receipt, job) {
        if (!receipt.made && !receipt.owner) return;
        await postgres.forget();
        if (await nothingThereYet(postgres)) return;
        const found = await databaseNow(postgres);
        if (!found) return;
        const name = quoteIdentifier(receipt.database);
        const admin = (text: string) =>
          postgres.query("admin", text, undefined, { database: target.adminDatabase, statementTimeoutMs: 60_000 });
        await actingFor(postgres, target.installerUser, async () => {
          if (receipt.made) {
            await admin(`DROP DATABASE ${name} WITH (FORCE)`);
            job.log(`The database ${receipt.database} is removed.`);
          } else if (receipt.owner && found.owner === target.installerUser) {
            await admin(`ALTER DATABASE ${name} OWNER TO ${quoteIdentifier(receipt.owner)}`);
            job.log(`The database ${receipt.database} belongs to ${receipt.owner} again.`);
          }
        });
      },
    },
  });
}

function refuseEncoding(database: string, encoding: string | undefined): void {
  if (encoding === undefined || encoding === "UTF8") return;
  throw new Problem({
    code: "database.wrong-encoding",
    says: `The database ${database} is in ${encoding}, and REC.IO writes UTF-8.`,
    remedy: sentence("Name another database."),
  });
}
