import { expect, test } from "playwright/test";
import { NoScript, readScript } from "./read-script.ts";

async function* cut(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function piecesOf(text: string, size = 1_000): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of readScript(cut(text, size))) {
    if (piece.kind !== "rows") found.push(`${piece.kind}: ${piece.text}`);
    else {
      let rows = "";
      for await (const chunk of piece.rows) rows += chunk.toString();
      found.push(`rows: ${piece.text} = ${JSON.stringify(rows)}`);
    }
  }
  return found;
}

const script = `--
-- PostgreSQL database dump; not a statement
--
\\restrict aBc
SET client_encoding = 'UTF8';
/* a comment; /* with one inside; */ still */
CREATE TABLE a."odd ; ""name" (x text DEFAULT 'it''s; ü', y text DEFAULT E'\\\\'';');
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$ SELECT $1; $_$;
COPY a.b (x, y) FROM stdin;
one\ttwo; --\\N
\\.x\tnot the end
\\.

COPY a.empty (x) FROM stdin;
\\.
INSERT INTO c VALUES ($$;$$, 1 - -1, '\\');
\\! touch /tmp/never
SELECT 1;`;

test("A script is taken apart into statements, rows and psql's commands, however it is cut", async () => {
  const whole = [
    "command: \\restrict aBc",
    "statement: SET client_encoding = 'UTF8'",
    `statement: CREATE TABLE a."odd ; ""name" (x text DEFAULT 'it''s; ü', y text DEFAULT E'\\\\'';')`,
    "statement: CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$ SELECT $1; $_$",
    `rows: COPY a.b (x, y) FROM stdin = ${JSON.stringify("one\ttwo; --\\N\n\\.x\tnot the end\n")}`,
    'rows: COPY a.empty (x) FROM stdin = ""',
    "statement: INSERT INTO c VALUES ($$;$$, 1 - -1, '\\')",
    "command: \\! touch /tmp/never",
    "statement: SELECT 1",
  ];
  for (const size of [1, 2, 3, 7, 64, 10_000]) expect(await piecesOf(script, size), `cut at ${size}`).toEqual(whole);
});

test("Rows that nobody takes are passed over, and what ends in its middle says where", async () => {
  const seen: string[] = [];
  for await (const piece of readScript(cut(script, 11))) seen.push(piece.kind);
  expect(seen.filter((kind) => kind === "rows")).toHaveLength(2);
  for (const [text, says] of [
    ["COPY a.b (x) FROM stdin;\n1\n2\n", /rows/],
    ["CREATE TABLE a (x int", /statement/],
    ["SELECT 'open", /quotes/],
    ["/* open", /comment/],
  ] as const) {
    const thrown = await piecesOf(text, 5).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(NoScript);
    expect((thrown as Error).message).toMatch(says);
  }
});
