import { quoteIdentifier, quoteName } from "../identifier.ts";
import type { Session } from "../postgres.ts";
import type { MendReceipt } from "./mend.ts";

const dotted = (title: string) => quoteName(...title.split("."));

/** Takes back what the receipt names and nothing else; what is gone already is no hindrance. Run as the installer. */
export async function unmend(session: Session, receipt: MendReceipt): Promise<void> {
  await session.query("SET LOCAL lock_timeout = '5s'");
  const there = async (title: string) =>
    (await session.query<{ is: boolean }>("SELECT to_regclass($1) IS NOT NULL AS is", [dotted(title)]))[0]?.is === true;
  const replaced = new Map(receipt.replaced.map(([title, aside, rows]) => [title, { aside, rows: rows ?? 0 }]));
  for (const title of receipt.tables)
    if (!replaced.has(title)) await session.query(`DROP TABLE IF EXISTS ${dotted(title)}`);
  for (const [title, { aside, rows }] of replaced) {
    const [schema = "", name = ""] = title.split(".");
    // Only while the old one is still aside: a second time this would drop what was put back.
    if (!(await there(`${schema}.${aside}`))) continue;
    const [now] = (await there(title))
      ? await session.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${dotted(title)}`)
      : [];
    // Rows that came since are nobody's to throw away: their table stays beside the one that is put back.
    if (now && now.rows > rows)
      await session.query(
        `ALTER TABLE ${dotted(title)} RENAME TO ${quoteIdentifier(aside.replace("_before_", "_since_"))}`,
      );
    else await session.query(`DROP TABLE IF EXISTS ${dotted(title)}`);
    await session.query(`ALTER TABLE ${quoteName(schema, aside)} RENAME TO ${quoteIdentifier(name)}`);
  }
  for (const [title, name] of receipt.constraints)
    await session.query(`ALTER TABLE IF EXISTS ${dotted(title)} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)}`);
  for (const [title, column] of receipt.defaults)
    if (await there(title))
      await session.query(`ALTER TABLE ${dotted(title)} ALTER COLUMN ${quoteIdentifier(column)} DROP DEFAULT`);
  for (const [title, column, expression] of receipt.defaultsWere ?? [])
    if (await there(title))
      await session.query(
        `ALTER TABLE ${dotted(title)} ALTER COLUMN ${quoteIdentifier(column)} SET DEFAULT ${expression}`,
      );
  for (const [title, column] of receipt.loosened ?? []) {
    const [empty] = (await there(title))
      ? await session.query(`SELECT FROM ${dotted(title)} WHERE ${quoteIdentifier(column)} IS NULL LIMIT 1`)
      : [{}];
    if (!empty)
      await session.query(`ALTER TABLE ${dotted(title)} ALTER COLUMN ${quoteIdentifier(column)} SET NOT NULL`);
  }
  for (const [title, column] of receipt.columns)
    await session.query(`ALTER TABLE IF EXISTS ${dotted(title)} DROP COLUMN IF EXISTS ${quoteIdentifier(column)}`);
}

/** Gives objects back to who owned them. Run as somebody who may. */
export async function giveBack(session: Session, owners: MendReceipt["owners"]): Promise<void> {
  for (const [what, object, owner] of owners) {
    const [is] = await session.query(
      what === "schema" ? "SELECT WHERE to_regnamespace($1) IS NOT NULL" : "SELECT WHERE to_regclass($1) IS NOT NULL",
      [dotted(object)],
    );
    if (is) await session.query(`ALTER ${what.toUpperCase()} ${dotted(object)} OWNER TO ${quoteIdentifier(owner)}`);
  }
}

/** Removes the schemas that we made, as far as nobody has put anything else into them. Returns those that stay. */
export async function dropEmptySchemas(session: Session, schemas: readonly string[]): Promise<string[]> {
  const stay: string[] = [];
  for (const schema of schemas) {
    const [used] = await session.query(
      "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 LIMIT 1",
      [schema],
    );
    if (used) stay.push(schema);
    else await session.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)}`);
  }
  return stay;
}
