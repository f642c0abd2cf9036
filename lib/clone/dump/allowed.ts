/** What a statement of a dump is, as far as its rows matter. */
export type Verdict = "run" | "skip" | { refuse: string };

const name = `("([^"]|"")+"|[a-z_][a-z0-9_$]*)`;
const dotted = String.raw`(${name}\.)?${name}`;

const run: readonly RegExp[] = [
  new RegExp(`^CREATE SCHEMA (IF NOT EXISTS )?${name}$`, "i"),
  new RegExp(String.raw`^CREATE (UNLOGGED )?TABLE (IF NOT EXISTS )?${dotted}\s*\(`, "i"),
  new RegExp(String.raw`^(CREATE|ALTER) SEQUENCE ${dotted}\s`, "i"),
  new RegExp(
    String.raw`^ALTER TABLE (ONLY )?${dotted} ALTER COLUMN ${name} (SET DEFAULT nextval\(|ADD GENERATED )`,
    "i",
  ),
  new RegExp(String.raw`^ALTER TABLE (ONLY )?${dotted}\s+ADD CONSTRAINT ${name} (PRIMARY KEY|UNIQUE) \(`, "i"),
  new RegExp(String.raw`^ALTER TABLE (ONLY )?${dotted} ATTACH PARTITION\s`, "i"),
  new RegExp(`^CREATE (UNIQUE )?INDEX ${name} ON (ONLY )?${dotted} USING (btree|hash|gin|gist|brin|spgist) `, "i"),
  new RegExp(String.raw`^INSERT INTO ${dotted}\s*(\(|VALUES|OVERRIDING)`, "i"),
  new RegExp(`^COPY ${dotted} (\\([^;]*\\) )?FROM stdin$`, "i"),
  /^SELECT pg_catalog\.set_config\('search_path', '', false\)$/i,
  new RegExp(`^SET search_path = ${name}(, ${name})*$`, "i"),
  /^SET (standard_conforming_strings|xmloption|default_table_access_method) = [\w']+$/i,
];

const place = new RegExp(
  `^(?:CREATE SCHEMA (?:IF NOT EXISTS )?|CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?|COPY |INSERT INTO |ALTER TABLE (?:ONLY )?|(?:CREATE|ALTER) SEQUENCE |CREATE (?:UNIQUE )?INDEX ${name} ON (?:ONLY )?)(${name})(\\.)?`,
  "i",
);

/**
 * The schema that a statement is about, where it names one: what is not of a known schema is passed over, its rows too.
 * Pure.
 */
export function schemaOf(text: string): string | undefined {
  const found = place.exec(text);
  const isSchema = /^CREATE SCHEMA/i.test(text);
  const named = found?.[3];
  if (named === undefined || (!isSchema && found?.[6] !== ".")) return undefined;
  return named.startsWith('"') ? named.slice(1, -1).replaceAll('""', '"') : named.toLowerCase();
}

/** The encodings in which the bytes of a dump are those of the database that they come into. */
const sameBytes = /^SET client_encoding = '(UTF-?8|SQL_ASCII)'$/i;

/**
 * Whether a statement of a dump is run in the scratch database: what makes tables of rows is, everything else is passed
 * over (owners, rights, functions, triggers, views, extensions, and whatever is no part of a dump). Pure.
 */
export function judgeStatement(text: string): Verdict {
  if (/^SET client_encoding\b/i.test(text)) {
    if (sameBytes.test(text)) return "skip";
    const encoding = /'([^']*)'/.exec(text)?.[1] ?? "an encoding of its own";
    return { refuse: `it is written in ${encoding}, and only UTF8 is read` };
  }
  return run.some((pattern) => pattern.test(text)) ? "run" : "skip";
}
