import type { Debt, Found } from "../engine/undo.ts";
import type { Postgres } from "../postgres/postgres.ts";
import { isProblem } from "../problem.ts";
import type { UninstallPlan } from "../runtime.ts";

/** Only the administrator of a server that is not ours can take back what these made; his password is kept nowhere. */
const madeByAdministrator: ReadonlySet<string> = new Set(["create-database-roles", "create-database"]);

/** The servers on which an administrator is needed to take these back, each once. */
function administered(owed: readonly Debt[], find: (debt: Debt) => Found | undefined): Postgres[] {
  const servers = new Map<string, Postgres>();
  for (const debt of owed) {
    const postgres = madeByAdministrator.has(debt.stepId) ? find(debt)?.world.postgres : undefined;
    if (postgres?.target.kind !== "server") continue;
    const { host, port, adminUser } = postgres.target;
    servers.set(`${adminUser}@${host}:${port}`, postgres);
  }
  return [...servers.values()];
}

const notLetIn: ReadonlySet<string> = new Set([
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
]);

/**
 * Makes sure, before anything is taken back, that the administrator of each server is let in. A server that cannot be
 * asked at all holds nothing up: what was made on it is named as left.
 * @throws Problem `database.password-missing`, `database.password-wrong` or `database.login-refused`.
 */
export async function proveAdministrators(
  owed: readonly Debt[],
  find: (debt: Debt) => Found | undefined,
): Promise<void> {
  for (const postgres of administered(owed, find)) {
    try {
      await postgres.forget();
      await postgres.query("admin", "SELECT 1", [], { database: postgres.target.adminDatabase });
    } catch (thrown) {
      if (!isProblem(thrown) || notLetIn.has(thrown.code)) throw thrown;
    }
  }
}

/**
 * Starts the servers of ours that hold what is to be taken back and do not run: what is in a database can be taken back
 * only from a database that answers. One that cannot be started is left to the steps, which name what stays.
 */
export async function wakeServers(owed: readonly Debt[], find: (debt: Debt) => Found | undefined): Promise<void> {
  const servers = new Map<string, Postgres>();
  for (const debt of owed) {
    const world = find(debt)?.world;
    if (world?.postgres.target.kind === "embedded") servers.set(world.paths.postgresData, world.postgres);
  }
  for (const postgres of servers.values()) {
    try {
      if ((await postgres.embedded.status()).state === "stopped") await postgres.embedded.start(() => undefined);
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
    }
  }
}

/** What an uninstall would take back and what it would leave, one sentence each, in the order in which it happens. */
export function describeDebts(owed: readonly Debt[], find: (debt: Debt) => Found | undefined): UninstallPlan {
  const goes = new Set<string>();
  const stays = new Set<string>();
  for (const debt of owed) {
    const found = find(debt);
    if (!found) stays.add(`What "${debt.stepId}" made: this version of the product does not know that step.`);
    else if ("never" in found.step.undo) stays.add(`${found.step.title}: ${found.step.undo.never}`);
    else if (found.step.undo.keeps?.(debt.receipt)) stays.add(found.step.undo.keeps(debt.receipt) ?? "");
    else goes.add(`What "${found.step.title}" made.`);
  }
  const [server] = administered(owed, find);
  return {
    goes: [...goes],
    stays: [...stays],
    ...(server
      ? {
          administrator: { user: server.target.adminUser, server: `${server.target.host}:${server.target.port}` },
        }
      : {}),
  };
}
