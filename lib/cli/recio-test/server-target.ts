import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";
import { must } from "./namespace.ts";

/** Who administers the server: its superuser, or a role that may make roles and databases and nothing else. */
export type Administrator = "superuser" | "createrole";

/** A PostgreSQL of Debian's, that is not ours: over TCP it admits nobody without TLS and a password. */
export interface ServerTarget {
  answer: { kind: "server"; host: string; port: number; adminUser: string; sslmode: "require" };
  adminPasswordFile: string;
  /** Roles, memberships, databases, rights and comments of the whole server, one line each. */
  inventory(): Promise<string[]>;
  stop(): Promise<void>;
}

const programs = "/usr/lib/postgresql/15/bin";
const port = 15_433;
const patienceMs = 30_000;

const hostBasedAccess = `local all postgres peer
hostssl all all 127.0.0.1/32 scram-sha-256
`;

/** Everything that an installation can leave behind on a server outside its own database. */
const inventoryQuery = [
  "select 'role '||rolname||' '||rolsuper||rolcreaterole||rolcreatedb||rolcanlogin||rolbypassrls||' '||coalesce(shobj_description(oid,'pg_authid'),'') from pg_roles",
  "select 'member '||r.rolname||' of '||g.rolname||' '||m.admin_option from pg_auth_members m join pg_roles r on r.oid=m.member join pg_roles g on g.oid=m.roleid",
  "select 'database '||datname||' '||pg_get_userbyid(datdba)||' '||coalesce(datacl::text,'') from pg_database",
  "select 'setting '||s::text from pg_db_role_setting s",
  "select 'schema '||nspname||' '||pg_get_userbyid(nspowner)||' '||coalesce(nspacl::text,'') from pg_namespace where nspname !~ '^pg_(toast|temp)'",
  "select 'relation '||oid::regclass||' '||relkind::text from pg_class where relnamespace='public'::regnamespace",
].join(" union all ");

/** The system's own user of that name: PostgreSQL refuses to be root. */
async function userOf(machine: Machine, name: string): Promise<{ uid: number; gid: number }> {
  const line = ((await machine.files.read("/etc/passwd")) ?? "").split("\n").find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new Problem({
    code: "recio-test.no-server",
    says: "This machine has no user postgres.",
    remedy: sentence("Install Debian's postgresql-15, or test with the embedded PostgreSQL."),
  });
}

/** Makes and starts a cluster of Debian's PostgreSQL 15 in a folder of its own. */
export async function startServerTarget(
  machine: Machine,
  folder: string,
  administrator: Administrator,
): Promise<ServerTarget> {
  const as = await userOf(machine, "postgres");
  // In the run's folder, so that it goes with it, and mounted where that user may go.
  const home = "/mnt";
  const data = join(home, "data");
  await machine.files.makeFolder(join(folder, "server"), 0o700);
  await must(machine, "mount", ["--bind", join(folder, "server"), home]);
  await machine.files.setOwner(home, as.uid, as.gid);
  const run = async (program: string, args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await machine.exec(program, args, {
      as,
      cwd: home,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
      ...(input === undefined ? {} : { input }),
    });
    if (code === 0) return stdout;
    throw new Error(`${program} ended with ${code}: ${stderr.slice(-500)}`);
  };
  const psql = (text: string) =>
    run(join(programs, "psql"), ["-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", home, "-p", String(port)], text);

  await run(join(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8"]);
  await run("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=database.example"],
    ...["-keyout", join(data, "server.key"), "-out", join(data, "server.crt")],
  ]);
  await run(
    "/bin/sh",
    ["-c", 'cat > "$0" && chmod 600 "$1"', join(data, "pg_hba.conf"), join(data, "server.key")],
    hostBasedAccess,
  );
  const pid = await machine.startDetached(
    join(programs, "postgres"),
    [
      ...["-D", data, "-p", String(port), "-k", home, "-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"],
      ...["-c", "password_encryption=scram-sha-256", "-c", "shared_buffers=256MB"],
    ],
    { as, cwd: home, env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" }, logFile: join(folder, "server-target.log") },
  );
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const ready = await machine.exec(join(programs, "pg_isready"), ["-q", "-h", home, "-p", String(port)], { as });
    if (ready.code === 0) break;
    if (Date.now() > deadline) throw new Error("the test's PostgreSQL server does not answer");
    await delay(50);
  }
  const password = randomBytes(12).toString("base64url");
  const adminPasswordFile = join(folder, "database-admin-password");
  await machine.files.write(adminPasswordFile, password, 0o600);
  const adminUser = administrator === "superuser" ? "postgres" : "dba";
  await psql(
    administrator === "superuser"
      ? `alter role postgres password '${password}'`
      : `create role dba login createrole createdb password '${password}'`,
  );
  return {
    answer: { kind: "server", host: "127.0.0.1", port, adminUser, sslmode: "require" },
    adminPasswordFile,
    inventory: async () => (await psql(`${inventoryQuery} order by 1`)).split("\n").filter(Boolean),
    async stop() {
      await machine.end(pid);
    },
  };
}
