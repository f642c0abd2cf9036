import { quoteIdentifier, quoteName } from "../identifier.ts";
import type { PostgresTarget, Session } from "../postgres.ts";
import { sqlFile } from "../sql-file.ts";
import { contractSchemas } from "./contract.ts";

/**
 * REC.IO's rights on what the installer owns, also on what it will make later. What REC.IO owns needs no grant, and
 * what belongs to others is left to them. Granting what is granted already changes nothing.
 */
export async function grantRights(session: Session, target: PostgresTarget): Promise<void> {
  const [app, installer] = [quoteIdentifier(target.appUser), quoteIdentifier(target.installerUser)];
  const tables = "SELECT, INSERT, UPDATE, DELETE";
  for (const schema of contractSchemas) {
    const name = quoteIdentifier(schema);
    await session.query(`GRANT USAGE, CREATE ON SCHEMA ${name} TO ${app}`);
    await session.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${installer} IN SCHEMA ${name} GRANT ${tables} ON TABLES TO ${app}`,
    );
    await session.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${installer} IN SCHEMA ${name} GRANT USAGE ON SEQUENCES TO ${app}`,
    );
  }
  const own = await session.query<{ schema: string; name: string; kind: string }>(
    sqlFile("probes/owned-relations.sql"),
    [[...contractSchemas], target.installerUser],
  );
  for (const { schema, name, kind } of own)
    await session.query(
      `GRANT ${kind === "S" ? "USAGE" : tables} ON ${kind === "S" ? "SEQUENCE" : "TABLE"} ${quoteName(schema, name)} TO ${app}`,
    );
}
