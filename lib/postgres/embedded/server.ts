import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { isProblem, Problem, repairedBy, sentence } from "../../problem.ts";
import type { EmbeddedServer, PostgresTarget } from "../postgres.ts";
import { adminPasswordFile, socketFolder } from "../target.ts";
import { findBinaries, serverEnvironment } from "./binaries.ts";
import { removeStalePidFile, runningPostmaster } from "./postmaster.ts";
import { asSomebody, checkSomebody } from "./somebody.ts";

export interface EmbeddedSources {
  target: PostgresTarget;
  paths: StatePaths;
  machine: Machine;
  /** Called before the server is stopped: our own connections end first. */
  beforeStop(): Promise<void>;
}

/** A start may have to go through the log of a crash first. */
const startPatienceMs = 60_000;
/** How long the orphans of a killed server may take to leave: until then PostgreSQL refuses to start beside them. */
const orphanPatienceMs = 20_000;
const besideOrphans = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;
const stopPatienceSeconds = 30;

/**
 * Who may come how: the superuser over the unix socket in a 0700 folder, everybody else from this machine, everyone
 * with a password.
 */
const hostBasedAccess = `# Written by REC.IO Setup.
local all all                   scram-sha-256
host  all postgres 127.0.0.1/32 reject
host  all all      127.0.0.1/32 scram-sha-256
`;

/** What differs from PostgreSQL's own defaults: no replication, so that large loads need less log. */
const clusterSettings = [
  "wal_level=minimal",
  "max_wal_senders=0",
  "max_wal_size=2GB",
  "checkpoint_timeout=15min",
  "jit=off",
  "log_checkpoints=off",
  "idle_in_transaction_session_timeout=0",
];

function refuseServer(target: PostgresTarget): void {
  if (target.kind === "embedded") return;
  throw new Problem({
    code: "database.not-ours-to-run",
    says: `The server at ${target.host}:${target.port} is not ours to start or stop.`,
    remedy: sentence("Start it the way its administrator does."),
  });
}

/** The lines of the server's log that say why it did not start. */
async function lastWords(machine: Machine, path: string, from: number): Promise<string> {
  const text = ((await machine.files.read(path)) ?? "").slice(from);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const grave = lines.filter((line) => /FATAL|PANIC|ERROR|HINT|unshare|cannot|error while/.test(line));
  return (grave.length > 0 ? grave : lines).slice(-4).join("\n").slice(0, 800);
}

/** The embedded server of a target. On a server that is not ours every method throws a Problem. */
export function embeddedServer({ target, paths, machine, beforeStop }: EmbeddedSources): EmbeddedServer {
  const { files } = machine;
  const data = paths.postgresData;

  async function makeSocketFolder(log: (line: string) => void): Promise<string> {
    const { folder, short } = socketFolder(paths, target.port);
    if (short) log(`The unix socket is in ${folder}: the path of the state folder is too long for a socket.`);
    await files.makeFolder(folder, 0o700);
    const facts = await files.facts(folder);
    const ours = facts?.kind === "folder" && facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0;
    if (ours) return folder;
    throw new Problem({
      code: "database.socket-folder-not-ours",
      says: `The folder ${folder} for the unix socket belongs to somebody else or is open to others.`,
      remedy: sentence("Remove that folder, or choose a state folder with a shorter path."),
    });
  }

  async function refuseTakenPort(): Promise<void> {
    const holder = (await machine.listeners()).find(
      ({ port, address }) => port === target.port && /^(127\.|0\.0\.0\.0|\*|::$|\[::\])/.test(address),
    );
    if (!holder) return;
    const by = holder.program
      ? `${holder.program}${holder.pid ? ` (process ${holder.pid})` : ""}`
      : holder.pid
        ? `process ${holder.pid}`
        : "another process";
    throw new Problem({
      code: "database.port-taken",
      says: `Port ${target.port} is taken by ${by}.`,
      remedy: sentence("Choose another port for the embedded PostgreSQL, or end that process."),
      evidence: { asked: `127.0.0.1:${target.port}`, cameBack: by },
    });
  }

  async function refuseOtherMajor(version: string): Promise<void> {
    const made = (await files.read(join(data, "PG_VERSION")))?.trim();
    if (made === version.split(".")[0]) return;
    throw new Problem({
      code: "database.other-version",
      says: `The cluster was made by PostgreSQL ${made ?? "of an unknown version"}, and the installed binaries are ${version}.`,
      remedy: sentence(`Install the version of REC.IO Setup that brings PostgreSQL ${made ?? "of that version"}.`),
    });
  }

  async function untilReady(pid: number, logFrom: number): Promise<void> {
    const deadline = Date.now() + startPatienceMs;
    for (;;) {
      const found = await runningPostmaster(machine, data);
      if (found?.ready && found.pid === pid) return;
      const dead = !(await machine.alive(pid));
      if (dead || Date.now() > deadline)
        throw new Problem({
          code: "database.did-not-start",
          says: dead
            ? "The embedded PostgreSQL ended as soon as it was started."
            : `The embedded PostgreSQL takes no connections after ${startPatienceMs / 1000} s.`,
          remedy: repairedBy("start-postgres", "Start it again."),
          evidence: { asked: "postgres", cameBack: await lastWords(machine, paths.postgresLog, logFrom) },
        });
      await delay(20);
    }
  }

  const self: EmbeddedServer = {
    async status() {
      refuseServer(target);
      const version = (await files.read(join(data, "PG_VERSION")))?.trim();
      if (version === undefined) return { state: "absent" };
      const found = await runningPostmaster(machine, data);
      return found ? { state: "running", pid: found.pid, version } : { state: "stopped", version };
    },

    async initialise(log) {
      refuseServer(target);
      if ((await self.status()).state !== "absent") return;
      const { initdb, version } = await findBinaries(machine);
      await checkSomebody(machine, data);
      await files.makeFolder(dirname(data), 0o700);
      await files.makeFolder(paths.secrets, 0o700);
      await files.write(adminPasswordFile(paths), randomBytes(24).toString("base64url"), 0o600);
      // Made beside its place and renamed: an initdb that is cut off leaves nothing that looks like a cluster.
      const made = `${data}.new`;
      await files.removeTree(made);
      const settings = clusterSettings.flatMap((setting) => ["--set", setting]);
      const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
      const command = await asSomebody(machine, data, initdb, [
        "-D",
        made,
        "-U",
        target.adminUser,
        `--pwfile=${adminPasswordFile(paths)}`,
        "-A",
        "scram-sha-256",
        "--data-checksums",
        "--no-instructions",
        ...locale,
        ...settings,
      ]);
      log(`initdb of PostgreSQL ${version}`);
      const answer = await machine.exec(command.program, command.args, {
        env: serverEnvironment,
        cwd: dirname(data),
        timeoutMs: 120_000,
      });
      if (answer.code !== 0)
        throw new Problem({
          code: "database.cluster-not-made",
          says: "The embedded PostgreSQL cannot make its data folder.",
          remedy: sentence("Look at what initdb said; often the disk is full or the folder is not writable."),
          evidence: { asked: "initdb", cameBack: answer.stderr.trim().slice(-500) },
        });
      await files.write(join(made, "pg_hba.conf"), hostBasedAccess, 0o600);
      await files.rename(made, data);
    },

    async start(log) {
      refuseServer(target);
      const found = await runningPostmaster(machine, data);
      if (found?.ready && found.port === target.port) return;
      if (found) await self.stop();
      await refuseTakenPort();
      const { postgres, version } = await findBinaries(machine);
      await checkSomebody(machine, data);
      await refuseOtherMajor(version);
      const socket = await makeSocketFolder(log);
      if (await removeStalePidFile(machine, data))
        log("Removed a postmaster.pid whose process id belongs to another program now.");
      const settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_permissions=0700",
        "logging_collector=off",
        "log_destination=stderr",
      ];
      const command = await asSomebody(machine, data, postgres, [
        "-D",
        data,
        "-p",
        String(target.port),
        "-k",
        socket,
        ...settings.flatMap((setting) => ["-c", setting]),
      ]);
      const deadline = Date.now() + orphanPatienceMs;
      for (;;) {
        const logFrom = ((await files.read(paths.postgresLog)) ?? "").length;
        const pid = await machine.startDetached(command.program, command.args, {
          env: serverEnvironment,
          cwd: paths.state,
          logFile: paths.postgresLog,
        });
        try {
          await untilReady(pid, logFrom);
          break;
        } catch (thrown) {
          const orphans = isProblem(thrown) && besideOrphans.test(thrown.evidence?.cameBack ?? "");
          if (!orphans || Date.now() > deadline) throw thrown;
          await delay(200);
        }
      }
      log(`PostgreSQL ${version} takes connections on 127.0.0.1:${target.port}`);
    },

    async stop() {
      refuseServer(target);
      if (!(await runningPostmaster(machine, data))) return;
      await beforeStop();
      const { pgCtl } = await findBinaries(machine);
      // Fast: sessions are ended and everything is written; a plain TERM would wait for REC.IO's programs to leave.
      for (const mode of ["fast", "immediate"]) {
        const command = await asSomebody(machine, data, pgCtl, [
          "stop",
          "-D",
          data,
          "-m",
          mode,
          "-w",
          "-t",
          String(stopPatienceSeconds),
        ]);
        await machine.exec(command.program, command.args, {
          env: serverEnvironment,
          timeoutMs: (stopPatienceSeconds + 10) * 1000,
        });
        if (!(await runningPostmaster(machine, data))) return;
      }
      throw new Problem({
        code: "database.does-not-stop",
        says: "The embedded PostgreSQL does not stop.",
        remedy: sentence(`Look into ${paths.postgresLog}.`),
      });
    },
  };
  return self;
}
