/**
 * Who asks: `app` is REC.IO's own role, `installer` is ours (owner of the database, of schema users and of the order
 * lock), `admin` is the server's administrator (embedded: the bootstrap superuser, over its unix socket).
 */
export type As = "app" | "installer" | "admin";

/** A connection that is borrowed for the length of a callback. Values are always parameters. */
export interface Session {
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Binary or text COPY … FROM STDIN fed from an async sequence of chunks; returns the number of rows. */
  copyIn(statement: string, chunks: AsyncIterable<Buffer>): Promise<number>;
  /** The bytes of a COPY … TO STDOUT; to be read to their end before anything else is asked. */
  copyOut(statement: string): AsyncIterable<Buffer>;
}

export interface SessionOptions {
  /** Another database of the same server. */
  database?: string;
  signal?: AbortSignal;
  /** Per statement, default 10 000; 0 for none. */
  statementTimeoutMs?: number;
  /** A transaction in which the server refuses every change. */
  readOnly?: boolean;
}

export interface PostgresTarget {
  kind: "embedded" | "server";
  host: string;
  port: number;
  database: string;
  appUser: string;
  installerUser: string;
  adminUser: string;
  /** The database to connect to while ours does not exist yet. */
  adminDatabase: string;
  sslmode: "disable" | "require" | "verify-ca" | "verify-full";
  caFile?: string;
}

/** The embedded server's life. Throws Problems on a `server` target. */
export interface EmbeddedServer {
  /** "absent": no cluster was made yet. */
  status(): Promise<{ state: "absent" | "stopped" | "running"; pid?: number; version?: string }>;
  initialise(log: (line: string) => void): Promise<void>;
  start(log: (line: string) => void): Promise<void>;
  stop(): Promise<void>;
}

/** The target database. Errors of the server arrive as Problems `database.…` by SQLSTATE and errno. */
export interface Postgres {
  readonly target: PostgresTarget;
  readonly embedded: EmbeddedServer;
  /** One statement on a pooled connection. `text` of more than one line is a file in sql/, read with sqlFile(). */
  query<Row extends object = Record<string, unknown>>(
    as: As,
    text: string,
    values?: readonly unknown[],
    options?: SessionOptions,
  ): Promise<Row[]>;
  /** Borrows one connection. */
  withSession<T>(as: As, work: (session: Session) => Promise<T>, options?: SessionOptions): Promise<T>;
  /** Borrows one connection inside BEGIN … COMMIT; ROLLBACK when `work` throws. */
  withTransaction<T>(as: As, work: (session: Session) => Promise<T>, options?: SessionOptions): Promise<T>;
  /** The connection URI as REC.IO's role, password included: for `npm run connection` and nothing else. */
  connectionUri(): Promise<string>;
  /** Passwords are read anew and idle connections dropped: after a role was made or the server restarted. */
  forget(): Promise<void>;
  close(): Promise<void>;
}
