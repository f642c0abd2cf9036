import type { ProgramFacts } from "../../checkout/checkout.ts";
import type { StatePaths } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import type { ProgramsUser } from "../programs-user/programs-user.ts";
import { inSafeOrder } from "../safe-order.ts";
import { commandWord, environmentPair, plainValue } from "./configuration-text.ts";

export interface ConfigurationFacts {
  paths: StatePaths;
  root: string;
  python: string;
  /** Every program that is supervised. */
  programs: readonly Pick<ProgramFacts, "name" | "script" | "args">[];
  environment: Readonly<Record<string, string>>;
  /** supervisord runs as root: it wants that said, and warns on every start otherwise. */
  asRoot: boolean;
  /** The user that the programs run as, where it is not the one who runs supervisord. */
  user?: Pick<ProgramsUser, "name">;
}

/** supervisord binds `<socket>.<pid>` before it links the socket to its name; a unix socket's path holds 107 bytes. */
const socketBytes = 107 - ".1234567".length;

function programSection(facts: ConfigurationFacts, program: ConfigurationFacts["programs"][number], index: number) {
  if (!/^[\w.-]+$/.test(program.name)) {
    throw new Problem({
      code: "supervisor.program-name-not-usable",
      says: `The checkout names a program that cannot be supervised: "${program.name}".`,
      remedy: sentence("Correct the name in the checkout's supervisor generator."),
    });
  }
  const pairs: string[] = [];
  const carried: string[] = [];
  for (const [name, value] of Object.entries(facts.environment)) {
    const pair = environmentPair(name, value);
    if (pair) pairs.push(pair);
    else carried.push(`${name}=${value}`);
  }
  const words = [facts.python, `${facts.root}/${program.script}`, ...program.args];
  // env(1) carries what supervisord's own syntax cannot; it becomes the program and leaves nothing in the process list.
  const command = carried.length > 0 ? ["/usr/bin/env", ...carried, ...words] : words;
  const log = (stream: "out" | "err") =>
    plainValue("The folder of the logs", `${facts.paths.programLogs}/${program.name}.${stream}.log`);
  return [
    `[program:${program.name}]`,
    `command=${command.map(commandWord).join(" ")}`,
    `directory=${plainValue("The path of the checkout", facts.root)}`,
    `environment=${pairs.join(",")}`,
    `priority=${100 + 10 * index}`,
    "autostart=false",
    "autorestart=true",
    "startretries=3",
    // What a program makes is its own, whatever supervisord lets its group read of the logs.
    ...(facts.user ? [`user=${facts.user.name}`, "umask=077"] : []),
    "stopasgroup=true",
    "killasgroup=true",
    `stdout_logfile=${log("out")}`,
    "stdout_logfile_maxbytes=10MB",
    "stdout_logfile_backups=3",
    `stderr_logfile=${log("err")}`,
    "stderr_logfile_maxbytes=10MB",
    "stderr_logfile_backups=3",
    "",
  ];
}

/**
 * The whole supervisord.conf. Pure.
 *
 * `autostart=false`: a supervisord that comes up (installation, reboot, a crash) starts nothing by itself, because it
 * would start all at once and system_monitor with them. Programs are started in the safe order by the step
 * start-services or by `npm run recio -- start`, also after a reboot. `autorestart=true` as REC.IO has it: a program
 * that dies comes back by itself. There is no [inet_http_server].
 *
 * Logs lie in the state folder (0600 in 0700, because trade_executor prints signed headers), not in the checkout. Set up
 * by root, supervisord stays root's and every program runs as the programs' user: it may speak to the socket, as REC.IO's
 * own pages do, and read this file and the logs by its group. It can change none of them.
 * @throws Problem where a path cannot be written into such a file, or the socket's path is too long.
 */
export function renderConfiguration(facts: ConfigurationFacts): string {
  const { paths } = facts;
  if (Buffer.byteLength(paths.supervisorSocket) > socketBytes) {
    throw new Problem({
      code: "supervisor.socket-path-too-long",
      says: `The path of the state folder is too long for a unix socket: ${Buffer.byteLength(paths.supervisorSocket)} bytes, at most ${socketBytes}.`,
      remedy: sentence("Name a shorter folder with --state."),
      evidence: { asked: "the socket of supervisord", cameBack: paths.supervisorSocket },
    });
  }
  const socket = plainValue("The socket of supervisord", paths.supervisorSocket);
  const lines = [
    "; Written by REC.IO Setup. Changes are overwritten; no secret belongs here.",
    "[supervisord]",
    "identifier=rec-io-setup",
    "nodaemon=false",
    ...(facts.asRoot ? ["user=root"] : []),
    // Their own pages show the logs: with a user of their own, the programs read them by its group.
    facts.user ? "umask=027" : "umask=077",
    `directory=${plainValue("The folder of supervisord", paths.supervisor)}`,
    `childlogdir=${plainValue("The folder of the logs", paths.programLogs)}`,
    `logfile=${plainValue("The log of supervisord", paths.supervisorLog)}`,
    "logfile_maxbytes=10MB",
    "logfile_backups=3",
    "loglevel=info",
    `pidfile=${plainValue("The pid file of supervisord", paths.supervisorPid)}`,
    "",
    "[unix_http_server]",
    `file=${socket}`,
    ...(facts.user ? ["chmod=0660", `chown=root:${facts.user.name}`] : ["chmod=0600"]),
    "",
    "[supervisorctl]",
    `serverurl=unix://${socket}`,
    "",
    "[rpcinterface:supervisor]",
    "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    "",
    ...inSafeOrder(facts.programs).flatMap((program, index) => programSection(facts, program, index)),
  ];
  return lines.join("\n");
}
