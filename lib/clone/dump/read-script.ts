/*
 * A reader of the SQL text that pg_dump writes: statements, rows of COPY, and psql's own commands, told apart without
 * running any of them. psql is not used: a script may hold commands for it that start programs.
 */

/** One piece of a script. `rows` are to be taken before the next piece is asked for; what is left of them is passed over. */
export type ScriptPiece =
  | { kind: "statement"; text: string }
  | { kind: "rows"; text: string; rows: AsyncIterable<Buffer> }
  /** A line that begins with a backslash: meant for psql. */
  | { kind: "command"; text: string };

/** A text that ends in the middle, or is no SQL. */
export class NoScript extends Error {
  override name = "NoScript";
}

/** One statement of a dump may be long where it inserts many rows, and is not endless. */
const longestStatement = 64 * 1024 * 1024;

/** Bytes as characters of one byte each, so that places in the text are places in the file. */
class Text {
  held = "";
  #over = false;
  readonly #source: AsyncIterator<Buffer>;
  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }
  /** Takes more; false at the end. */
  async more(): Promise<boolean> {
    if (this.#over) return false;
    const next = await this.#source.next();
    if (next.done) this.#over = true;
    else this.held += next.value.toString("latin1");
    return !this.#over;
  }
  take(length: number): string {
    const text = this.held.slice(0, length);
    this.held = this.held.slice(length);
    return text;
  }
  /** Where something stands from `at` on, -1 where the text ends before. */
  async find(what: string, at: number): Promise<number> {
    for (let from = at; ; ) {
      const found = this.held.indexOf(what, from);
      if (found !== -1) return found;
      from = Math.max(at, this.held.length - what.length + 1);
      if (this.held.length - at > longestStatement) throw new NoScript("a statement in it never ends");
      if (!(await this.more())) return -1;
    }
  }
}

const asText = (latin: string) => Buffer.from(latin, "latin1").toString("utf8");

/** The place behind a quoted piece that begins at `at`. @throws NoScript where it never ends */
async function behindQuoted(text: Text, at: number, isEscaped: boolean): Promise<number> {
  const quote = text.held[at] as string;
  for (let from = at + 1; ; ) {
    const end = await text.find(quote, from);
    if (end === -1) throw new NoScript("it ends inside quotes");
    let slashes = 0;
    while (isEscaped && text.held[end - 1 - slashes] === "\\") slashes += 1;
    if (end + 1 >= text.held.length) await text.more();
    const isDoubled = text.held[end + 1] === quote;
    if (slashes % 2 === 0 && !isDoubled) return end + 1;
    from = slashes % 2 === 1 ? end + 1 : end + 2;
  }
}

async function behindComment(text: Text, at: number): Promise<number> {
  let depth = 1;
  for (let from = at + 2; ; ) {
    const end = await text.find("*/", from);
    if (end === -1) throw new NoScript("it ends inside a comment");
    const open = text.held.indexOf("/*", from);
    if (open !== -1 && open < end) {
      depth += 1;
      from = open + 2;
      continue;
    }
    depth -= 1;
    from = end + 2;
    if (depth === 0) return from;
  }
}

/** Everything that can hide a semicolon. */
const special = /['"$;]|--|\/\*/g;

/** The length of the statement at the beginning of the text, its semicolon included; undefined at the end of the text. */
async function statementLength(text: Text): Promise<number | undefined> {
  for (let at = 0; ; ) {
    special.lastIndex = at;
    const match = special.exec(text.held);
    // What may be the beginning of a sign of two characters is looked at again with what follows it.
    if (!match || match.index >= text.held.length - 1) {
      const end = match?.[0] === ";" ? match.index + 1 : undefined;
      if (end !== undefined) return end;
      at = Math.max(at, match ? match.index : text.held.length - 1);
      if (at > longestStatement) throw new NoScript("a statement in it never ends");
      if (await text.more()) continue;
      return undefined;
    }
    const [found] = match;
    const place = match.index;
    if (found === ";") return place + 1;
    if (found === "--") {
      const end = await text.find("\n", place);
      at = end === -1 ? text.held.length : end + 1;
    } else if (found === "/*") at = await behindComment(text, place);
    else if (found === "$") {
      while (
        !/^\$[A-Za-z_0-9\x80-\xff]*[^A-Za-z_0-9\x80-\xff]/.test(text.held.slice(place, place + 70)) &&
        (await text.more())
      );
      const tag = /^\$([A-Za-z_\x80-\xff][A-Za-z_0-9\x80-\xff]*)?\$/.exec(text.held.slice(place, place + 70))?.[0];
      if (!tag) at = place + 1;
      else {
        const end = await text.find(tag, place + tag.length);
        if (end === -1) throw new NoScript("it ends inside quotes");
        at = end + tag.length;
      }
    } else
      at = await behindQuoted(
        text,
        place,
        found === "'" && /[eE]$/.test(text.held.slice(Math.max(0, place - 1), place)),
      );
  }
}

/** Takes away what stands before a statement: blanks and comments. */
async function skipBlanks(text: Text): Promise<void> {
  for (;;) {
    const blank = /^\s+/.exec(text.held)?.[0].length ?? 0;
    text.take(blank);
    if (text.held.length < 2 && (await text.more())) continue;
    if (text.held.startsWith("--")) {
      const end = await text.find("\n", 0);
      text.take(end === -1 ? text.held.length : end + 1);
    } else if (text.held.startsWith("/*")) text.take(await behindComment(text, 0));
    else if (blank === 0) return;
  }
}

/** The lines up to the one that holds nothing but \. */
async function* rowsOf(text: Text, state: { open: boolean }): AsyncGenerator<Buffer> {
  // The rest of the statement's own line.
  const first = await text.find("\n", 0);
  text.take(first === -1 ? text.held.length : first + 1);
  while (state.open) {
    const end = /(^|\n)\\\.\r?(\n|$)/.exec(text.held);
    const isEnd = end && (end[2] === "\n" || !(await text.more()));
    if (end && isEnd) {
      const rows = text.take(end.index + (end[1] as string).length);
      text.take(end[0].length - (end[1] as string).length);
      state.open = false;
      if (rows.length > 0) yield Buffer.from(rows, "latin1");
      return;
    }
    // Whole lines alone, so that the end is not cut in two.
    const last = end ? -1 : text.held.lastIndexOf("\n", text.held.length - 4);
    if (last > 0) yield Buffer.from(text.take(last + 1), "latin1");
    if (!end && !(await text.more())) throw new NoScript("it ends in the middle of rows");
  }
}

/** @throws NoScript */
export async function* readScript(source: AsyncIterable<Buffer>): AsyncGenerator<ScriptPiece> {
  const text = new Text(source);
  for (;;) {
    await skipBlanks(text);
    if (text.held === "") return;
    if (text.held.startsWith("\\")) {
      const end = await text.find("\n", 0);
      yield { kind: "command", text: asText(text.take(end === -1 ? text.held.length : end + 1)).trim() };
      continue;
    }
    const length = await statementLength(text);
    if (length === undefined) throw new NoScript("it ends in the middle of a statement");
    const statement = asText(text.take(length)).slice(0, -1).trim();
    if (!/^COPY\s[^;]*\sFROM\s+stdin\b/i.test(statement)) {
      yield { kind: "statement", text: statement };
      continue;
    }
    const state = { open: true };
    yield { kind: "rows", text: statement, rows: rowsOf(text, state) };
    if (state.open) for await (const _rest of rowsOf(text, state));
  }
}
