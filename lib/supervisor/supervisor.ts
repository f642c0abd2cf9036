/** One program as supervisord sees it. Times in milliseconds since the epoch. */
export interface ProgramState {
  name: string;
  /** STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL, UNKNOWN. */
  state: string;
  pid?: number;
  startedAt?: number;
  stoppedAt?: number;
  exitStatus?: number;
  /** supervisord's own words when a spawn failed. */
  spawnError?: string;
}

/** A program that ended although nobody had stopped it, as supervisord's log tells it. */
export interface UnexpectedExit {
  program: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** "exit status 1", "terminated by SIGKILL". */
  how: string;
  /** Somebody stopped it afterwards, or supervisord gave up: then its state speaks for it, and this is the reason. */
  settled: boolean;
}

/** Our supervisord: own configuration, own unix socket, spoken to by XML-RPC. Never somebody else's. */
export interface Supervisor {
  /** Path of the supervisord program that is used, or undefined where none was found (venv, then the system). */
  findDaemon(): Promise<string | undefined>;
  /** pid of our running supervisord, or undefined. */
  daemon(): Promise<number | undefined>;
  /** Starts supervisord on our configuration, no program started, and waits until its socket answers. */
  startDaemon(): Promise<void>;
  /** Stops every program and supervisord itself; resolves when the process is gone. */
  shutdown(): Promise<void>;
  /** Reads the configuration anew: added, changed and removed programs. */
  reread(): Promise<void>;
  programs(): Promise<ProgramState[]>;
  /** Programs that ended by themselves since a moment (milliseconds since the epoch), oldest first. */
  unexpectedExits(since: number): Promise<UnexpectedExit[]>;
  /** Starts one program; resolves when supervisord calls it RUNNING, throws a Problem with the last log lines where it does not come. */
  start(program: string): Promise<void>;
  stop(program: string): Promise<void>;
  /** Last lines of a program's log. */
  tail(program: string, stream: "out" | "err", lines: number): Promise<string[]>;
}
