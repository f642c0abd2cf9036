import { quoteIdentifier, quoteLiteral } from "../../postgres/identifier.ts";
import { type Wire, WireLost } from "../wire/wire.ts";

/** What a copy tells the source's administrator about itself. All of it is shown to the person first. */
export interface Visitor {
  userId: string;
  name: string;
  email: string;
  /** `rec-io-setup 0.1.0`. */
  agent: string;
  version: string;
}

/** Columns of system.installation_access_log at the source (backend/core/config/database.py:224). */
const log = "system.installation_access_log";

function literal(value: string | number | readonly string[]): string {
  if (typeof value === "number") return String(Math.trunc(value));
  if (typeof value === "string") return quoteLiteral(value);
  return `ARRAY[${value.map(quoteLiteral).join(", ")}]::text[]`;
}

const answerMs = 10_000;

/** Waits for an answer so long and no longer: a link that stalls does not close. */
async function answered<T>(wire: Wire, answer: Promise<T>): Promise<T> {
  const late = setTimeout(
    () => wire.destroy(new WireLost(`the source's access log gave no answer within ${answerMs / 1000} seconds`)),
    answerMs,
  );
  try {
    return await answer;
  } finally {
    clearTimeout(late);
  }
}

/** One visit in the source's access log: a line at its beginning, brought up to date, and closed in any case. */
export class AccessLogLine {
  readonly #connect: () => Promise<Wire>;
  readonly #id: string;
  #wire: Wire;
  /** One write after another: two that find the connection lost would each open one, and one of them would stay open. */
  #last: Promise<void> = Promise.resolve();
  #closed = false;
  private constructor(connect: () => Promise<Wire>, wire: Wire, id: string) {
    this.#connect = connect;
    this.#wire = wire;
    this.#id = id;
  }

  /**
   * Writes the line, on a connection of its own and in no transaction: it stands also where the copy fails.
   * @param connect opens a connection, now and again where it was lost.
   * @throws ServerRefusal where the role may not write it.
   */
  static async begin(
    connect: () => Promise<Wire>,
    visitor: Visitor,
    schemas: readonly string[],
  ): Promise<AccessLogLine> {
    const values: Record<string, string> = {
      installer_user_id: literal(visitor.userId),
      installer_name: literal(visitor.name),
      installer_email: literal(visitor.email),
      installer_ip_address: "inet_client_addr()",
      connection_start: "now()",
      schemas_accessed: literal(schemas),
      status: literal("in_progress"),
      user_agent: literal(visitor.agent),
      installation_package_version: literal(visitor.version),
    };
    const names = Object.keys(values).map(quoteIdentifier).join(", ");
    const wire = await connect();
    try {
      const { rows } = await answered(
        wire,
        wire.query(`INSERT INTO ${log} (${names}) VALUES (${Object.values(values).join(", ")}) RETURNING id`),
      );
      return new AccessLogLine(connect, wire, rows[0]?.[0] ?? "0");
    } catch (thrown) {
      wire.destroy();
      throw thrown;
    }
  }

  #set(changes: Record<string, string>): Promise<void> {
    const written = this.#last.then(() => this.#write(changes));
    this.#last = written.catch(() => {});
    return written;
  }

  async #write(changes: Record<string, string>): Promise<void> {
    const assignments = Object.entries(changes).map(([name, value]) => `${quoteIdentifier(name)} = ${value}`);
    if (this.#wire.lost) this.#wire = await this.#connect();
    // Closed meanwhile: nobody would close the one that was just opened.
    if (this.#closed) this.#wire.destroy();
    await answered(
      this.#wire,
      this.#wire.query(`UPDATE ${log} SET ${assignments.join(", ")} WHERE id = ${literal(Number(this.#id))}`),
    );
  }

  /** How far it is; what cannot be written now is written later. */
  async progress(tables: number, rows: number): Promise<void> {
    await this.#set({ tables_cloned: literal(tables), total_rows_cloned: literal(rows) });
  }

  async end(
    status: "completed" | "failed",
    tables: number,
    rows: number,
    seconds: number,
    error?: string,
  ): Promise<void> {
    await this.#set({
      tables_cloned: literal(tables),
      total_rows_cloned: literal(rows),
      clone_duration_seconds: literal(Math.round(seconds)),
      connection_end: "now()",
      status: literal(status),
      ...(error ? { error_message: literal(error.slice(0, 500)) } : {}),
    });
  }

  /** Closes the connection that the line was written on. */
  close(): void {
    this.#closed = true;
    this.#wire.end();
  }
}
