import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Settings } from "./settings.ts";

/** Every place in the state folder. Each folder is 0700, each file 0600, created with that mode. */
export interface StatePaths {
  readonly state: string; //            ~/.local/state/rec-io-setup
  readonly lock: string; //             …/lock: pid of the process that may write here
  readonly server: string; //           …/server.json: { pid, port, version }, the server that runs
  readonly controlSocket: string; //    …/control.sock: other doors speak to the holder of the lock here
  readonly session: string; //          …/session.json: hashed codes and session tokens
  readonly draft: string; //            …/draft.json: the wizard's answers so far, without secrets
  readonly installation: string; //     …/installation.json: the answers that were installed
  readonly installedCheckout: string; // …/checkout-installed.json: what the checkout was when it was installed last
  readonly keyIds: string; //           …/kalshi-key-ids.json: the ids for which the records of answers hold a mark
  readonly runs: string; //             …/runs/<runId>/journal.ndjson and installation.log
  readonly evidence: string; //         …/evidence.json: last answer of each proof
  readonly backups: string; //          …/backups/: what stood in tables before they were changed
  readonly opened: string; //           …/opened/: a backup that was taken apart, until its rows are in the database
  readonly moved: string; //            …/moved.json: from which machine this installation came
  readonly history: string; //          …/history.ndjson: what the monitor saw
  readonly secrets: string; //          …/secrets/: one file a secret
  readonly programs: string; //         …/programs/: all that REC.IO's programs may write here; set up by root it is their user's
  readonly appPassword: string; //      …/programs/database-app.password: REC.IO's role
  readonly installerPassword: string; // …/secrets/database-installer.password: our role
  readonly postgresData: string; //     …/postgres/data: the embedded server's cluster
  readonly postgresSocket: string; //   …/postgres/run: its unix socket
  readonly postgresLog: string; //      …/postgres/postgres.log
  readonly hook: string; //             …/hook/: first on PYTHONPATH of every program
  readonly hookSettings: string; //     …/hook/settings.json: what the hook reads, no password in it
  readonly accountMode: string; //      …/programs/account_mode_state.json: what REC.IO is shown in place of the tracked file
  readonly askedHosts: string; //       …/programs/asked/<program>.json: which exchange hosts a program really asked
  readonly python: string; //           …/python/: the virtual environment
  readonly unpacked: string; //         …/unpacked/: packages of the system that this user may not install
  readonly supervisor: string; //       …/supervisor/
  readonly supervisorConf: string; //   …/supervisor/supervisord.conf
  readonly supervisorSocket: string; // …/supervisor/supervisor.sock
  readonly supervisorPid: string; //    …/supervisor/supervisord.pid
  readonly supervisorLog: string; //    …/supervisor/supervisord.log
  readonly programLogs: string; //      …/supervisor/logs/<program>.{out,err}.log
  readonly serverLog: string; //        …/server.log
}

/**
 * The state folder for these settings: named by the environment or an option, else set up by root in /var/lib, else
 * in the person's own state folder. The rehearsal has its own beside it.
 */
export function stateFolder(settings: Settings, kind: "real" | "rehearsal", root = process.getuid?.() === 0): string {
  if (settings.state) return resolve(settings.state);
  const name = kind === "rehearsal" ? "rec-io-setup-rehearsal" : "rec-io-setup";
  if (root) return join("/var/lib", name);
  return join(settings.xdgStateHome ?? join(settings.home, ".local/state"), name);
}

/** All places below one state folder. Pure. */
export function statePaths(state: string): StatePaths {
  const at = (...parts: string[]) => join(state, ...parts);
  return {
    state,
    lock: at("lock"),
    server: at("server.json"),
    controlSocket: at("control.sock"),
    session: at("session.json"),
    draft: at("draft.json"),
    installation: at("installation.json"),
    installedCheckout: at("checkout-installed.json"),
    keyIds: at("kalshi-key-ids.json"),
    runs: at("runs"),
    evidence: at("evidence.json"),
    backups: at("backups"),
    opened: at("opened"),
    moved: at("moved.json"),
    history: at("history.ndjson"),
    secrets: at("secrets"),
    programs: at("programs"),
    appPassword: at("programs", "database-app.password"),
    installerPassword: at("secrets", "database-installer.password"),
    postgresData: at("postgres", "data"),
    postgresSocket: at("postgres", "run"),
    postgresLog: at("postgres", "postgres.log"),
    hook: at("hook"),
    hookSettings: at("hook", "settings.json"),
    accountMode: at("programs", "account_mode_state.json"),
    askedHosts: at("programs", "asked"),
    python: at("python"),
    unpacked: at("unpacked"),
    supervisor: at("supervisor"),
    supervisorConf: at("supervisor", "supervisord.conf"),
    supervisorSocket: at("supervisor", "supervisor.sock"),
    supervisorPid: at("supervisor", "supervisord.pid"),
    supervisorLog: at("supervisor", "supervisord.log"),
    programLogs: at("supervisor", "logs"),
    serverLog: at("server.log"),
  };
}

let found: string | undefined;

/** The folder of this product: the nearest one above this file (or its built bundle) that holds our package.json. */
export function projectRoot(): string {
  if (found) return found;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "rec-io-setup") {
      found = folder;
      return folder;
    }
    const above = dirname(folder);
    if (above === folder) throw new Error("package.json of rec-io-setup was not found above this file");
    folder = above;
  }
}
