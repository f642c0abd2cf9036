import type { StatePaths } from "../paths.ts";
import type { PostgresTarget } from "../postgres/postgres.ts";
import { childEnvironment, type Settings } from "../settings.ts";
import type { ProgramsUser } from "./programs-user/programs-user.ts";

/** Shims that mend a defect of the interpreter's packages: in use where a functional probe finds it. */
export const probedShims = ["websockets-additional-headers", "fastapi-lifespan"] as const;
/** The shims of the hook, by the names that REC_SHIMS knows. kalshi-today is in use where the person chose it. */
export const shimNames = [...probedShims, "kalshi-today"] as const;
export type ShimName = (typeof shimNames)[number];

export interface ProgramEnvironmentFacts {
  paths: StatePaths;
  root: string;
  target: PostgresTarget;
  shims: readonly ShimName[];
  /** The ports that REC.IO's programs listen on: their pages may use each other. */
  ports: readonly number[];
  supervisorctl: string;
  /** Where the exchange is asked, by environment: the hook notes who asked there, wherever that is. */
  exchange: Settings["kalshi"];
  /** The user that the programs run as, where it is not the one who runs supervisord: supervisord does not say so itself. */
  user?: Pick<ProgramsUser, "name">;
  /** Whom TLS may trust, by the names of {@link trustNames}, where it is not the system's own list. */
  trust: Readonly<Record<string, string>>;
}

/** The variables with which a person names an authority of a company or a proxy. */
export const trustNames = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"] as const;

/**
 * The same for every program whoever starts the page: a PATH or a language of somebody's shell would make the
 * configuration another one after each login, and npm puts folders of its own in front of PATH.
 */
const settled = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin",
  LANG: "C.UTF-8",
};

/**
 * Whom programs trust: what the environment names now, else what the configuration that is there was written with. A
 * shell that names nothing (after a reboot, of another terminal) takes nothing away.
 * @param written the text of supervisord.conf as it is, if it is there
 */
export function trustOf(written: string | undefined, own = childEnvironment()): Record<string, string> {
  return Object.fromEntries(
    trustNames.flatMap((name) => {
      const kept = new RegExp(`[=,]${name}="([^"%\\\\]*)"`).exec(written ?? "")?.[1];
      const value = own[name] ?? kept;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * The environment of every program: an allow-list, the same for all, and no password in it. REC_DB_* is what the hook
 * reads; POSTGRES_* is what four programs read by themselves (facts/recio-run.md section 5), so that their log lines
 * name the database that they really use.
 */
export function programEnvironment(facts: ProgramEnvironmentFacts): Record<string, string> {
  const { paths, root, target } = facts;
  return {
    ...settled,
    ...facts.trust,
    ...(facts.user ? { HOME: paths.programs, USER: facts.user.name, LOGNAME: facts.user.name } : {}),
    PYTHONPATH: `${paths.hook}:${root}`,
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
    TRADING_SYSTEM_HOST: "localhost",
    REC_SYSTEM_HOST: "localhost",
    REC_PROJECT_ROOT: root,
    REC_DB_HOST: target.host,
    REC_DB_PORT: String(target.port),
    REC_DB_NAME: target.database,
    REC_DB_USER: target.appUser,
    REC_DB_PASSWORD_FILE: paths.appPassword,
    REC_DB_SSLMODE: target.sslmode,
    ...(target.caFile ? { REC_DB_CA_FILE: target.caFile } : {}),
    POSTGRES_HOST: target.host,
    POSTGRES_PORT: String(target.port),
    POSTGRES_DB: target.database,
    POSTGRES_USER: target.appUser,
    REC_HTTP_BIND: "127.0.0.1",
    REC_HTTP_PORTS: facts.ports.join(","),
    REC_SUPERVISOR_CONF: paths.supervisorConf,
    REC_SUPERVISORCTL: facts.supervisorctl,
    REC_ACCOUNT_MODE_FILE: paths.accountMode,
    REC_ASKED_HOSTS: paths.askedHosts,
    REC_EXCHANGE_HOSTS: exchangeHosts(facts.exchange).join(","),
    REC_HOOK_LIVE: hookLiveFolder(paths),
    REC_SHIMS: facts.shims.join(","),
  };
}

/** host or host:port of every place where the exchange is asked, each once, in an order that stays. */
function exchangeHosts({ prod, demo }: Settings["kalshi"]): string[] {
  return [...new Set([prod, demo].flatMap(({ rest, websocket }) => [new URL(rest).host, new URL(websocket).host]))];
}

/** Where the hook leaves word that it is alive in a program: `<program>.json`. */
export function hookLiveFolder(paths: StatePaths): string {
  return `${paths.programs}/live`;
}

/** The environment of supervisord itself: enough to run, and nothing of ours for its children to inherit. */
export function daemonEnvironment(): Record<string, string> {
  const own = childEnvironment();
  const allowed = ["HOME", "USER", "LOGNAME", "TMPDIR"];
  return {
    ...Object.fromEntries(allowed.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
    ...settled,
  };
}
