import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { readStatements } from "./read-statements.ts";

let root: string;
test.beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "statements-"));
});
test.afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Reads a tree of these files, of which every one is a program that is started with these arguments. */
async function read(files: Record<string, string>, args: Record<string, string[][]> = {}) {
  const machine = localMachine({ stateFolder: root });
  for (const [path, text] of Object.entries(files)) {
    await machine.files.makeFolder(join(root, path, ".."), 0o755);
    await machine.files.write(join(root, path), text, 0o644);
  }
  const paths = Object.keys(files);
  const programs = paths.flatMap((script) => (args[script] ?? [[]]).map((one) => ({ script, args: one })));
  return readStatements(
    machine,
    "/usr/bin/python3",
    root,
    paths.map((path) => join(root, path)),
    programs,
  );
}

/** The statements of one file's text, in one line each, with the lines that they stand on. */
async function sqlOf(text: string, args: string[][] = [[]]): Promise<string[]> {
  const { statements, unread } = await read(
    { "backend/one.py": `import psycopg2\n${text}` },
    { "backend/one.py": args },
  );
  expect(unread).toEqual([]);
  return statements.map(({ line, sql }) => `${line} ${sql.replace(/\s+/g, " ")}`);
}

/** What stands in the source, and what a careful reader makes of it. */
const cases: [string, string, string[], string[][]?][] = [
  [
    "A text with placeholders gets the server's own, also named ones, and a value inside quotes",
    `cursor.execute("SELECT a FROM s.t WHERE b = %s AND c > now() - interval '%s days' AND d LIKE 'x%%'", (1, 2))
cursor.execute("SELECT a FROM s.t WHERE b = %(x)s OR c = %(x)s", {"x": 1})
cursor.execute("SELECT a FROM s.t WHERE b LIKE '%s'")
cursor.execute("SELECT a FROM s.t WHERE b IN %s", (ids,))`,
    [
      "2 SELECT a FROM s.t WHERE b = $1 AND c > now() - interval '1 days' AND d LIKE 'x%'",
      "3 SELECT a FROM s.t WHERE b = $1 OR c = $1",
      "4 SELECT a FROM s.t WHERE b LIKE '%s'",
      "5 SELECT a FROM s.t WHERE b IN ($1)",
    ],
  ],
  [
    "A text that is put together in steps is read in all its forms, at the line where it begins",
    `def rows(cursor, after=None):
    query = "SELECT a FROM s.t WHERE b = %s"
    if after:
        query += " AND c > %s"
    query += " LIMIT 5"
    cursor.execute(query, [1])`,
    ["3 SELECT a FROM s.t WHERE b = $1 AND c > $2 LIMIT 5", "3 SELECT a FROM s.t WHERE b = $1 LIMIT 5"],
  ],
  [
    "Ways that exclude one another are not mixed",
    `def rows(cursor, which):
    if which:
        table = "s.one"
        column = "a"
    else:
        table = "s.two"
        column = "b"
    cursor.execute(f"SELECT {column} FROM {table}")`,
    ["9 SELECT a FROM s.one", "9 SELECT b FROM s.two"],
  ],
  [
    "A parameter is what the callers give, and a dictionary is looked into",
    `CONFIG = {"BTC": {"table": "log_btc"}, "ETH": {"table": "log_eth"}}
def price(cursor, symbol):
    table = CONFIG[symbol]["table"]
    cursor.execute(f"SELECT price FROM live.{table}")
def both(cursor):
    price(cursor, "BTC")
    for name in ["ETH"]:
        price(cursor, name)`,
    ["5 SELECT price FROM live.log_btc", "5 SELECT price FROM live.log_eth"],
  ],
  [
    "A condition on a known value decides",
    `def price(cursor, symbol):
    if symbol.upper() == "BTC":
        table = "log_btc"
    else:
        table = "log_other"
    cursor.execute("SELECT price FROM live." + table)
price(c, "btc")`,
    ["7 SELECT price FROM live.log_btc"],
  ],
  [
    "An argument of the program's command line is followed",
    `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("symbol")
args = parser.parse_args()
cursor.execute(f"SELECT price FROM live.log_{args.symbol.lower()}")`,
    ["6 SELECT price FROM live.log_btc", "6 SELECT price FROM live.log_eth"],
    [["BTC"], ["ETH"]],
  ],
  [
    "Columns that are named by keywords of the callers are read call by call",
    `def change(cursor, **kwargs):
    sets = []
    values = []
    for key, value in kwargs.items():
        sets.append(f"{key} = %s")
        values.append(value)
    cursor.execute(f"UPDATE s.t SET {', '.join(sets)} WHERE id = 1", values)
def one(cursor):
    change(cursor, a=1)
def two(cursor, data):
    wanted = {}
    if "b" in data:
        wanted["b"] = 1
    if "c" in data:
        wanted["c"] = 2
    change(cursor, **wanted)`,
    ["8 UPDATE s.t SET a = $1 WHERE id = 1", "8 UPDATE s.t SET b = $1, c = $2 WHERE id = 1"],
  ],
  [
    "Lists of columns and comprehensions are written out",
    `COLUMNS = ["a", "b"]
cursor.execute("INSERT INTO s.t (%s) VALUES (%s) ON CONFLICT (a) DO UPDATE SET %s" % (", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS)), ", ".join("%s = EXCLUDED.%s" % (n, n) for n in COLUMNS)), row)`,
    ["3 INSERT INTO s.t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET a = EXCLUDED.a, b = EXCLUDED.b"],
  ],
  [
    "An object remembers how it was made",
    `class Generator:
    def __init__(self, symbol="eth"):
        self.symbol = symbol.lower()
        self.table = f"lookup_{self.symbol}"
    def look(self, cursor):
        cursor.execute(f"SELECT p FROM analytics.{self.table}")
def main(cursor):
    Generator("BTC").look(cursor)`,
    ["7 SELECT p FROM analytics.lookup_btc"],
  ],
  [
    "A helper that only passes a text on is no place of its own",
    `def rows(cursor, sql, values=()):
    cursor.execute(sql, values)
    return cursor.fetchall()
def trades(cursor):
    return rows(cursor, "SELECT id FROM users.trades WHERE status = %s", ("open",))`,
    ["6 SELECT id FROM users.trades WHERE status = $1"],
  ],
  [
    "Several statements in one text are several, and what only sets up the session is told apart",
    `cursor.execute("DELETE FROM s.t; INSERT INTO s.t (a) VALUES ('x;y')")
cursor.execute("SET timezone TO 'UTC'")`,
    ["2 DELETE FROM s.t", "2 INSERT INTO s.t (a) VALUES ('x;y')", "3 SET timezone TO 'UTC'"],
  ],
  [
    "Docstrings, messages and other executors are no statements",
    `def update(pool, cursor):
    """Update the table s.t FROM what came."""
    print("SELECT nothing FROM here")
    pool.submit(update)
    cursor.execute("SELECT 1")`,
    ["6 SELECT 1"],
  ],
];

for (const [what, source, expected, args] of cases)
  test(what, async () => {
    expect(await sqlOf(source, args)).toEqual(expected);
  });

test("What only a request tells stands for every table of its family, and is named where there is none", async () => {
  const page = (table: string) =>
    `import psycopg2\n@app.get("/x/{symbol}")\ndef page(symbol):\n    cursor.execute(f"SELECT a FROM ${table}_{symbol.lower()}")\n`;
  const writer = `import psycopg2\ncursor.execute("DELETE FROM live.strikes_btc")\n`;
  const known = await read({ "backend/page.py": page("live.strikes"), "backend/writer.py": writer });
  expect(known.statements.map(({ sql }) => sql)).toContain("SELECT a FROM live.strikes_btc");
  expect(known.unread).toEqual([]);
  const unknown = await read({ "backend/page.py": page("live.others"), "backend/writer.py": writer });
  expect(unknown.unread).toEqual([
    { file: "backend/page.py", line: 4, says: "it depends on symbol.lower(), which only a request tells" },
  ]);
});

test("Functions and constants are followed into other files, and SQLite's statements are left out", async () => {
  const { statements } = await read({
    "backend/util/names.py": 'TABLE = "users.trades"\n\n\ndef table_of(kind):\n    return f"users.{kind}"\n',
    "backend/one.py":
      'import psycopg2\nfrom backend.util.names import TABLE, table_of\ncursor.execute(f"SELECT a FROM {TABLE}")\ncursor.execute(f"SELECT b FROM {table_of(\'fills\')}")\n',
    "backend/old.py": 'import sqlite3\nsqlite3.connect("x.db").execute("SELECT old FROM trades")\n',
  });
  expect(statements.map(({ file, sql }) => `${file} ${sql}`)).toEqual([
    "backend/one.py SELECT a FROM users.trades",
    "backend/one.py SELECT b FROM users.fills",
  ]);
});

test("A definition says what it makes, and an index what it needs", async () => {
  const { statements } = await read({
    "backend/one.py":
      'import psycopg2\ncursor.execute("CREATE TABLE IF NOT EXISTS live.t (a int)")\ncursor.execute("CREATE INDEX IF NOT EXISTS i ON live.t (a, b DESC)")\n',
  });
  expect(statements).toMatchObject([
    { kind: "definition", makes: "live.t" },
    { kind: "definition", needs: expect.stringMatching(/^SELECT a, b\s* FROM live\.t$/) },
  ]);
});
