import { isProblem, Problem, type Remedy, repairedBy, sentence } from "../problem.ts";
import type { As, PostgresTarget } from "./postgres.ts";

/** What an error of the server or the network is explained with. Never holds a password. */
export interface ProblemContext {
  target: PostgresTarget;
  /** Which of the three identities asked. */
  as?: As;
  /** The role and the database that the connection named. */
  user?: string;
  database?: string;
}

interface ServerError {
  code?: string;
  message: string;
  detail?: string;
  schema?: string;
  table?: string;
  constraint?: string;
}

const start = repairedBy("start-postgres", "Start PostgreSQL.");

function where(target: PostgresTarget): string {
  return `${target.host}:${target.port}`;
}

function reach(target: PostgresTarget, otherwise: string): Remedy {
  return target.kind === "embedded" ? start : sentence(otherwise);
}

type Explain = (context: ProblemContext, error: ServerError) => { code: string; says: string; remedy: Remedy };

const untrusted: Explain = ({ target }) => ({
  code: "database.tls-not-trusted",
  says: `The certificate of ${where(target)} is not signed by an authority that this machine trusts.`,
  remedy: sentence("Name the file of the authority's certificate, or use the TLS mode require."),
});

const timedOut: Explain = ({ target }) => ({
  code: "database.timed-out",
  says: `${where(target)} did not answer within 5 seconds.`,
  remedy: reach(target, "Check the host, the port and the firewall between this machine and the server."),
});

const unreachable: Explain = ({ target }) => ({
  code: "database.unreachable",
  says: `There is no way from this machine to ${where(target)}.`,
  remedy: sentence("Check the network, the host and the firewall."),
});

const lost: Explain = ({ target }) => ({
  code: "database.connection-lost",
  says: `${where(target)} ended the connection.`,
  remedy: reach(target, "Look into the server's log: it was stopped, it crashed, or something between cut the line."),
});

/** Errors of the network and of TLS, by Node's codes. */
const byErrno: Record<string, Explain> = {
  ENOTFOUND: ({ target }) => ({
    code: "database.name-not-resolved",
    says: `The name ${target.host} leads to no address.`,
    remedy: sentence("Correct the host of the database server."),
  }),
  EAI_AGAIN: ({ target }) => ({
    code: "database.name-not-resolved",
    says: `The name ${target.host} cannot be looked up now.`,
    remedy: sentence("Check the network and the name server of this machine."),
  }),
  ECONNREFUSED: ({ target }) => ({
    code: "database.refused-connection",
    says: `Nothing answers at ${where(target)}.`,
    remedy: reach(target, "Start the PostgreSQL server, or correct the host and the port."),
  }),
  ENOENT: ({ target }) => ({
    code: "database.refused-connection",
    says: `No PostgreSQL answers at the unix socket for port ${target.port}.`,
    remedy: reach(target, "Start the PostgreSQL server, or correct the folder of its socket."),
  }),
  EACCES: () => ({
    code: "database.socket-closed-to-us",
    says: "The unix socket of PostgreSQL may not be opened by this user.",
    remedy: sentence("Start the setup as the user who owns the socket's folder."),
  }),
  ETIMEDOUT: timedOut,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: lost,
  EPIPE: lost,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  CERT_HAS_EXPIRED: ({ target }) => ({
    code: "database.tls-expired",
    says: `The certificate of ${where(target)} has expired.`,
    remedy: sentence("Renew the server's certificate, or correct this machine's clock."),
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: ({ target }) => ({
    code: "database.tls-wrong-name",
    says: `The certificate of ${where(target)} names another host.`,
    remedy: sentence("Use the host that the certificate names, or the TLS mode verify-ca."),
  }),
};

const missingObject: Explain = (_context, error) => ({
  code: "database.object-missing",
  says: `PostgreSQL says: ${error.message}.`,
  remedy: repairedBy("apply-schema", "Create what is missing."),
});

const shuttingDown: Explain = ({ target }) => ({
  code: "database.shut-down",
  says: `The server at ${where(target)} is shutting down.`,
  remedy: reach(target, "Start the PostgreSQL server again."),
});

/** Errors that the server named itself, by SQLSTATE. */
const bySqlState: Record<string, Explain> = {
  "28P01": ({ target, user, as }) => ({
    code: "database.password-wrong",
    says: `${where(target)} refuses the password of ${user ?? "this role"}.`,
    remedy:
      as === "admin"
        ? sentence("Enter the administrator's password again.")
        : repairedBy("create-database-roles", "Give the role a new password."),
  }),
  "28000": ({ target, user, database }, error) => {
    if (/pg_hba\.conf/.test(error.message))
      return {
        code: "database.host-not-admitted",
        says: `${where(target)} does not admit ${user ?? "this role"} from this machine to ${database ?? "this database"}${/no encryption/.test(error.message) ? " without TLS" : ""}.`,
        remedy: sentence(
          "Add a line for this machine to the server's pg_hba.conf, or choose a TLS mode that it admits.",
        ),
      };
    return {
      code: "database.login-refused",
      says: `${where(target)} refuses the login of ${user ?? "this role"}: ${error.message}.`,
      remedy: repairedBy("create-database-roles", "Create the role, with the right to log in."),
    };
  },
  "3D000": ({ target, database }) => ({
    code: "database.database-missing",
    says: `The database ${database ?? target.database} does not exist at ${where(target)}.`,
    // The database that an administrator connects to while ours is not there is somebody else's.
    remedy:
      database === undefined || database === target.database
        ? repairedBy("create-database", "Create the database.")
        : sentence(
            `Name a database that is there and that ${target.adminUser} may connect to; most servers have postgres.`,
          ),
  }),
  "42501": ({ user }, error) => ({
    code: "database.right-missing",
    says: `${user ?? "The role"} lacks a right: ${error.message}.`,
    remedy: sentence("Grant the right, or name an administrator who has it."),
  }),
  "53300": ({ target }) => ({
    code: "database.too-many-connections",
    says: `${where(target)} has no connection left.`,
    remedy: sentence("End connections that nobody needs, or raise max_connections."),
  }),
  "53100": ({ target }) => ({
    code: "database.disk-full",
    says: `The disk of the server at ${where(target)} is full.`,
    remedy: sentence("Free space on that disk and try again."),
  }),
  "53200": ({ target }) => ({
    code: "database.out-of-memory",
    says: `The server at ${where(target)} is out of memory.`,
    remedy: sentence("Free memory on the server and try again."),
  }),
  "55P03": (_context, error) => ({
    code: "database.lock-timeout",
    says: `Another session holds ${error.table ? `${error.schema}.${error.table}` : "what has to be changed"} locked.`,
    remedy: sentence("End the other session, or stop REC.IO's programs, and try again."),
  }),
  "57014": ({ target }) => ({
    code: "database.statement-timeout",
    says: `${where(target)} took longer over a statement than it may.`,
    remedy: sentence("Look for a session that holds a lock, then try again."),
  }),
  "25006": ({ target }) => ({
    code: "database.read-only",
    says: `${where(target)} takes no writes: it is a replica, or set to read-only.`,
    remedy: sentence("Name the primary server."),
  }),
  "57P03": ({ target }) => ({
    code: "database.starting-up",
    says: `The server at ${where(target)} is starting and takes no connections yet.`,
    remedy: sentence("Try again in a moment."),
  }),
  "57P01": shuttingDown,
  "57P02": shuttingDown,
  "40P01": () => ({
    code: "database.deadlock",
    says: "Two sessions waited for each other, and PostgreSQL ended ours.",
    remedy: sentence("Try again."),
  }),
  "23505": (_context, error) => ({
    code: "database.rows-not-unique",
    says: `Rows of ${error.schema}.${error.table} are there twice, so the key ${error.constraint ?? ""} cannot be made.`.replace(
      " the key  ",
      " the key ",
    ),
    remedy: sentence("Remove the repeated rows and try again."),
  }),
  "23502": (_context, error) => ({
    code: "database.value-missing",
    says: `A column of ${error.schema}.${error.table} must have a value and has none: ${error.message}.`,
    remedy: sentence("Give the rows a value and try again."),
  }),
  "42P01": missingObject,
  "42703": missingObject,
  "42883": missingObject,
  "3F000": missingObject,
  "42P04": ({ database }) => ({
    code: "database.exists-already",
    says: `The database ${database ?? ""} was made by somebody else in the meantime.`,
    remedy: sentence("Look again."),
  }),
  "58030": ({ target }, error) => ({
    code: "database.disk-error",
    says: `The server at ${where(target)} cannot read or write its files: ${error.message}.`,
    remedy: sentence("Look into the server's log and check its disk."),
  }),
  XX001: ({ target }) => ({
    code: "database.data-corrupted",
    says: `The server at ${where(target)} found damaged data.`,
    remedy: sentence("Restore a backup."),
  }),
};

/** A pooler hands a session's settings and its number to whoever comes next: cancelling would hit somebody else. */
export const poolerBetween: Explain = ({ target }) => ({
  code: "database.pooler-between",
  says: `A pooler (such as pgbouncer) answers at ${where(target)}, not PostgreSQL itself.`,
  remedy: sentence(
    "Name the server's own address and port: REC.IO opens few connections, and settings of a session do not survive a pooler.",
  ),
});

/** What `pg` says in words and without a code. */
function bySentence(message: string): Explain | undefined {
  if (/does not support SSL/i.test(message))
    return ({ target }) => ({
      code: "database.tls-not-offered",
      says: `${where(target)} offers no TLS.`,
      remedy: sentence("Turn TLS on at the server, or use the TLS mode disable."),
    });
  if (/client password must be a (non-empty )?string/.test(message))
    return ({ target, user, as }) => ({
      code: "database.password-missing",
      says: `${where(target)} asks for a password of ${user ?? "this role"}, and there is none.`,
      remedy:
        as === "admin"
          ? sentence("Enter the administrator's password.")
          : repairedBy("create-database-roles", "Create the role with a password."),
    });
  if (/^timeout expired|connection timeout|timeout exceeded when trying to connect/i.test(message)) return timedOut;
  if (/^Query read timeout/.test(message)) return bySqlState["57014"];
  if (/Connection terminated|Client has encountered a connection error|Connection ended/i.test(message)) return lost;
  return undefined;
}

function tls(code: string): Explain | undefined {
  if (code !== "EPROTO" && !code.startsWith("ERR_SSL")) return undefined;
  return ({ target }) => ({
    code: "database.tls-failed",
    says: `${where(target)} and this machine do not agree on a way to encrypt.`,
    remedy: sentence("Update the older side, or use another TLS mode."),
  });
}

/**
 * Turns an error of the server (SQLSTATE), of the network (errno) or of `pg` into a Problem with a sentence and a
 * remedy. A Problem stays as it is; what is not known here (a syntax error, say) is a bug and comes back unchanged.
 */
export function databaseProblem(thrown: unknown, context: ProblemContext): unknown {
  if (isProblem(thrown) || !(thrown instanceof Error)) return thrown;
  const error = thrown as Error & ServerError & { errors?: unknown[] };
  // A name with several addresses fails with one error for each; the first one says why.
  if (error.name === "AggregateError" && error.errors?.[0] instanceof Error)
    return databaseProblem(error.errors[0], context);
  const code = error.code ?? "";
  const explain =
    (/unsupported startup parameter/i.test(error.message) ? poolerBetween : undefined) ??
    byErrno[code] ??
    bySqlState[code] ??
    tls(code) ??
    (code.startsWith("08") ? lost : undefined) ??
    bySentence(error.message);
  if (!explain) return thrown;
  const { says, ...rest } = explain(context, error);
  return new Problem({ ...rest, says: says.replaceAll("..", ".") }, { cause: thrown });
}
