import { isProblem, Problem, sentence } from "../../problem.ts";
import { quoteIdentifier } from "../identifier.ts";
import type { As, Postgres } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";

/** What we write onto a role that we made, so that another run knows it as ours. */
export const madeByUs = "Made by REC.IO Setup";

export interface RoleFacts {
  login: boolean;
  /** Superuser, or may change other roles: the order lock would not hold it. */
  mighty: boolean;
  mark: string;
}

/** The two roles as the administrator sees them. */
export interface Roles {
  app?: RoleFacts;
  installer?: RoleFacts;
  /** The installer is a member of REC.IO's role, and so may change what REC.IO owns. */
  member: boolean;
}

export interface DatabaseFacts {
  owner: string;
  encoding: string;
  app_rights: boolean;
  installer_exists: boolean;
}

export interface AdministratorRights {
  superuser: boolean;
  may_create_roles: boolean;
  may_create_databases: boolean;
}

/** What the work at hand asks of an administrator. */
export interface WantedRights {
  roles: boolean;
  databases: boolean;
}

/** @throws Problem `database.right-missing`, naming the rights that the administrator lacks for the work at hand. */
export function refuseMissingRights(
  found: AdministratorRights,
  user: string,
  wanted: WantedRights = { roles: true, databases: true },
): void {
  const lacks = [
    ...(wanted.roles && !found.may_create_roles ? ["CREATEROLE"] : []),
    ...(wanted.databases && !found.may_create_databases ? ["CREATEDB"] : []),
  ];
  if (found.superuser || lacks.length === 0) return;
  throw new Problem({
    code: "database.right-missing",
    says: `${user} lacks ${lacks.join(" and ")}.`,
    remedy: sentence(`Run ALTER ROLE ${user} ${lacks.join(" ")} as a superuser, or name another administrator.`),
  });
}

/**
 * Asks the server whether the administrator may do the work at hand, before anything is changed.
 * @throws Problem `database.right-missing`
 */
export async function checkRights(postgres: Postgres, wanted: WantedRights): Promise<void> {
  const { adminUser, adminDatabase, installerUser } = postgres.target;
  const [found] = await postgres.query<AdministratorRights>(
    "admin",
    sqlFile("roles/administrator-facts.sql"),
    [installerUser],
    { database: adminDatabase },
  );
  if (found) refuseMissingRights(found, adminUser, wanted);
}

/** True where the embedded server has not been made or is not running: then there is nothing to look at yet. */
export async function nothingThereYet(postgres: Postgres): Promise<boolean> {
  return postgres.target.kind === "embedded" && (await postgres.embedded.status()).state === "absent";
}

/** Looks at the two roles as the administrator. */
export async function rolesNow(postgres: Postgres): Promise<Roles> {
  if (await nothingThereYet(postgres)) return { member: false };
  const { appUser, installerUser, adminDatabase } = postgres.target;
  const [row] = await postgres.query<{ roles: Record<string, RoleFacts>; member: boolean }>(
    "admin",
    sqlFile("roles/role-facts.sql"),
    [[appUser, installerUser], installerUser, appUser],
    { database: adminDatabase },
  );
  const [app, installer] = [row?.roles[appUser], row?.roles[installerUser]];
  return { member: row?.member ?? false, ...(app ? { app } : {}), ...(installer ? { installer } : {}) };
}

/** Looks at the database as the administrator; undefined where it does not exist. */
export async function databaseNow(postgres: Postgres): Promise<DatabaseFacts | undefined> {
  if (await nothingThereYet(postgres)) return undefined;
  const { appUser, installerUser, adminDatabase, database } = postgres.target;
  return (
    await postgres.query<DatabaseFacts>(
      "admin",
      sqlFile("roles/database-facts.sql"),
      [database, installerUser, appUser],
      { database: adminDatabase },
    )
  )[0];
}

/** True where the identity is let in with the password in its file; a database that is missing comes after the login. */
export async function canLogIn(postgres: Postgres, as: "app" | "installer"): Promise<boolean> {
  try {
    await postgres.query(as, "SELECT 1");
    return true;
  } catch (error) {
    if (!isProblem(error)) throw error;
    return ["database.database-missing", "database.right-missing"].includes(error.code);
  }
}

/**
 * Runs `work` while the administrator may act for a role. A superuser may anyway; another administrator is made a
 * member of that role for so long, because giving something to a role, or taking it from one, demands it.
 */
export async function actingFor(postgres: Postgres, role: string, work: () => Promise<void>): Promise<void> {
  const { adminUser, adminDatabase } = postgres.target;
  const admin = (text: string, values?: unknown[]) =>
    postgres.query<{ yes: boolean }>("admin", text, values, { database: adminDatabase });
  const may =
    "SELECT rolsuper OR pg_has_role(current_user, $1, 'USAGE') AS yes FROM pg_roles WHERE rolname = current_user";
  const [already] = await admin(may, [role]);
  if (already?.yes) return work();
  await admin(`GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(adminUser)}`);
  try {
    await work();
  } finally {
    await admin(`REVOKE ${quoteIdentifier(role)} FROM ${quoteIdentifier(adminUser)}`);
  }
}

/** Refusals of a role that is not made yet, or whose password is not known yet. */
const notLetIn: ReadonlySet<string> = new Set([
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
]);

/**
 * Asks what is in the database as our own role; before that one can log in, as the administrator. A database of somebody
 * else's would otherwise look empty for as long as it is not ours.
 * @throws what the asking throws; where neither is let in, what the first one heard.
 */
export async function asWhoIsLetIn<T>(ask: (as: As) => Promise<T>): Promise<T> {
  try {
    return await ask("installer");
  } catch (thrown) {
    if (!isProblem(thrown) || !notLetIn.has(thrown.code)) throw thrown;
    return ask("admin").catch((second: unknown) => {
      throw isProblem(second) && notLetIn.has(second.code) ? thrown : second;
    });
  }
}
