import { type Change, step } from "../../engine/step.ts";
import { roleCanLogIn } from "../../health/probes/database/database.ts";
import type { Machine, Owner } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { quoteIdentifier, quoteLiteral } from "../../postgres/identifier.ts";
import type { Postgres } from "../../postgres/postgres.ts";
import {
  actingFor,
  canLogIn,
  checkRights,
  databaseNow,
  madeByUs,
  nothingThereYet,
  type RoleFacts,
  rolesNow,
} from "../../postgres/roles/administrator.ts";
import { generatePassword, scramVerifier } from "../../postgres/roles/scram.ts";
import { targetOf } from "../../postgres/target.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import { makeProgramsFolder } from "../../supervisor/programs-user/programs-user.ts";
import type { Answers } from "../answers.ts";

type Receipt = {
  /** Roles that did not exist before. */
  made: string[];
  /** Password files that did not exist before. */
  files: string[];
  /** Roles of others that got a new password; the old one is not known to anybody but its owner. */
  passwordChanged: string[];
};

const identities = ["installer", "app"] as const;

interface Wanted {
  as: (typeof identities)[number];
  role: string;
  file: string;
  found?: RoleFacts;
  usable: boolean;
}

/** Each role with its password file and whether it can be used as it is. */
async function wantedRoles(postgres: Postgres, paths: StatePaths): Promise<{ roles: Wanted[]; member: boolean }> {
  const now = await rolesNow(postgres);
  const absent = await nothingThereYet(postgres);
  const roles: Wanted[] = [];
  for (const as of identities) {
    const found = now[as];
    roles.push({
      as,
      role: as === "app" ? postgres.target.appUser : postgres.target.installerUser,
      file: as === "app" ? paths.appPassword : paths.installerPassword,
      ...(found ? { found } : {}),
      usable: !absent && found !== undefined && (await canLogIn(postgres, as)),
    });
  }
  return { roles, member: now.member };
}

function refuseMighty({ as, role, found }: Wanted): void {
  if (as !== "app" || !found?.mighty) return;
  throw new Problem({
    code: "database.role-too-mighty",
    says: `The role ${role} is a superuser or may change roles, and no order lock would hold it.`,
    remedy: sentence(`Name another role for REC.IO, or take SUPERUSER and CREATEROLE from ${role}.`),
  });
}

/** The password in the file, or a new one that is in the file before any role gets it. */
async function passwordIn(
  machine: Pick<Machine, "files">,
  path: string,
  owner: Owner | undefined,
): Promise<{ password: string; made: boolean }> {
  const kept = (await machine.files.read(path))?.trim();
  if (kept) return { password: kept, made: false };
  const password = generatePassword();
  await machine.files.write(path, password, 0o600, owner);
  return { password, made: true };
}

/** Makes the installer's role and REC.IO's, each with a generated password in a file that only this user can read. */
export function createDatabaseRoles(answers: Answers) {
  const target = targetOf(answers.database);
  return step<"postgres" | "paths" | "machine", Receipt>({
    id: "create-database-roles",
    title: "Create the database roles",
    why: "REC.IO gets a role of its own; what keeps orders back belongs to another, so that REC.IO cannot take it off.",
    probes: [roleCanLogIn(answers, "installer"), roleCanLogIn(answers, "app")],

    async describe({ postgres, paths }) {
      const { roles, member } = await wantedRoles(postgres, paths);
      for (const wanted of roles) refuseMighty(wanted);
      if (!(await nothingThereYet(postgres))) {
        // The database is made a step later, by the same administrator: what lacks for it is told before the roles are made.
        const databases = (await databaseNow(postgres)) === undefined;
        await checkRights(postgres, { roles: !member || roles.some(({ usable }) => !usable), databases });
      }
      const changes = roles.flatMap((wanted): Change[] => {
        const { role, file, found, usable } = wanted;
        if (usable) return [];
        const detail = !found
          ? "may log in, with a generated password"
          : found.mark.startsWith(madeByUs)
            ? "gets a new generated password: its password file is missing or no longer right"
            : "is there already and was not made here: it gets a new password, so whatever else logs in with it must be told";
        return [
          { what: "file", target: file, detail: `0600, the password of ${role}` },
          { what: "role", target: role, detail },
        ];
      });
      if (!member)
        changes.push({
          what: "role",
          target: target.installerUser,
          detail: `becomes a member of ${target.appUser}, so that it may mend what REC.IO owns`,
        });
      return changes;
    },

    async run({ postgres, paths, machine }, job) {
      const admin = (text: string) => postgres.query("admin", text, undefined, { database: target.adminDatabase });
      const { roles, member } = await wantedRoles(postgres, paths);
      const receipt: Receipt = { made: [], files: [], passwordChanged: [] };
      await machine.files.makeFolder(paths.secrets, 0o700);
      // REC.IO's programs read their own password, and no other secret of the state.
      const programs = await makeProgramsFolder({ machine, paths });
      for (const wanted of roles) {
        refuseMighty(wanted);
        const { role, file, found, usable } = wanted;
        if (usable) continue;
        const { password, made } = await passwordIn(machine, file, wanted.as === "app" ? programs : undefined);
        if (made) receipt.files.push(file);
        if (!found) receipt.made.push(role);
        else if (!found.mark.startsWith(madeByUs)) receipt.passwordChanged.push(role);
        await job.spent(receipt);
        const name = quoteIdentifier(role);
        const order = `${found ? "ALTER" : "CREATE"} ROLE ${name} LOGIN PASSWORD ${quoteLiteral(scramVerifier(password))}`;
        try {
          await admin(order);
        } catch (refused) {
          // What the server refused is not ours to take back: only a broken line leaves open whether it was done.
          if (isProblem(refused) && refused.code === "database.right-missing") {
            receipt.made = receipt.made.filter((one) => one !== role);
            receipt.passwordChanged = receipt.passwordChanged.filter((one) => one !== role);
            await job.spent(receipt);
          }
          throw refused;
        }
        if (!found) await admin(`COMMENT ON ROLE ${name} IS ${quoteLiteral(madeByUs)}`);
        job.log(found ? `The role ${role} has a new password.` : `The role ${role} is made.`);
      }
      if (!member) await admin(`GRANT ${quoteIdentifier(target.appUser)} TO ${quoteIdentifier(target.installerUser)}`);
      await postgres.forget();
      return receipt;
    },

    undo: {
      async takeBack({ postgres, machine }, receipt, job) {
        // A cluster that was ours and is gone took its roles with it; the files are still to be removed.
        if (receipt.made.length > 0 && !(await nothingThereYet(postgres)))
          await dropRoles(postgres, receipt.made, job.log);
        for (const file of receipt.files) await machine.files.remove(file);
        for (const role of receipt.passwordChanged)
          job.log(`The role ${role} keeps its new password: the old one is not known here.`);
        await postgres.forget();
      },
    },
  });
}

/** Removes roles of ours. What they still own in the database goes to the administrator; nothing of it is dropped. */
async function dropRoles(postgres: Postgres, made: readonly string[], log: (line: string) => void): Promise<void> {
  const { target } = postgres;
  const now = await rolesNow(postgres);
  const still = made.filter((role) => (role === target.appUser ? now.app : now.installer) !== undefined);
  if (still.length === 0) return;
  await postgres.forget();
  const databases = [target.adminDatabase, ...((await databaseNow(postgres)) ? [target.database] : [])];
  const admin = (text: string, database = target.adminDatabase) =>
    postgres.query("admin", text, undefined, { database });
  for (const role of still) {
    const name = quoteIdentifier(role);
    await actingFor(postgres, role, async () => {
      for (const database of databases) {
        await admin(`REASSIGN OWNED BY ${name} TO CURRENT_USER`, database);
        await admin(`DROP OWNED BY ${name}`, database);
      }
    });
    await admin(`DROP ROLE ${name}`);
    log(`The role ${role} is removed.`);
  }
}
