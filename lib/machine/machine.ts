/** What a finished child process left. Output is kept to its last 256 KiB each. */
export interface ExecResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  cwd?: string;
  /** The child's whole environment. Default: the allow-list of settings.ts. Never put a secret here. */
  env?: Record<string, string>;
  /** Written to the child's standard input, then closed. The way to hand over a secret. */
  input?: string | Buffer;
  signal?: AbortSignal;
  /** Default 60 000. After it the whole process group is killed. */
  timeoutMs?: number;
  /** Called with each complete line of output as it comes. */
  onLine?: (line: string, from: "stdout" | "stderr") => void;
  /** Run as this user; only root may ask for it. */
  as?: { uid: number; gid: number };
  /** What the child takes from the modes of the files that it makes. Default: ours, 077, which closes them to everybody else. */
  umask?: number;
}

export interface DetachedOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Both streams are appended to this file (0600). */
  logFile: string;
  /** Run as this user; only root may ask for it. */
  as?: { uid: number; gid: number };
}

export interface FileFacts {
  kind: "file" | "folder" | "link" | "other";
  /** Permission bits, as in 0o600. */
  mode: number;
  size: number;
  uid: number;
  gid: number;
  modifiedAt: number;
  /** When content or mode were last changed, in milliseconds with their fraction; nobody can set it back. */
  changedAt: number;
  inode: number;
}

/** Whose a file is to be; only root may give one away. */
export interface Owner {
  uid: number;
  gid: number;
}

/** Files with their mode at creation, fsync and rename. Paths are absolute. */
export interface Files {
  facts(path: string): Promise<FileFacts | undefined>;
  /** Text of a file, or undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  /** Bytes of a file, or undefined where there is none. */
  readBytes(path: string): Promise<Buffer | undefined>;
  /** The bytes of a file a piece at a time, for those that may not fit into memory. Throws where there is none. */
  chunks(path: string): AsyncIterable<Buffer>;
  /** The last `bytes` bytes of a file as text, or undefined where there is none. A character that was cut is left out. */
  tail(path: string, bytes: number): Promise<string | undefined>;
  /** The path with every link followed, or undefined where there is nothing. */
  realPath(path: string): Promise<string | undefined>;
  /** Whole or not at all: temporary file with `mode` and `owner`, fsync, rename, fsync of the folder. */
  write(path: string, content: string | Buffer, mode: number, owner?: Owner): Promise<void>;
  append(path: string, content: string, mode: number): Promise<void>;
  /** A file that is not there yet, written a piece at a time and fsynced; nothing is left of it where that fails. */
  writeNew(path: string, chunks: AsyncIterable<Buffer>, mode: number): Promise<void>;
  /** Makes the folder and its missing parents with `mode` and `owner`; returns the folders that it made, outermost first. */
  makeFolder(path: string, mode: number, owner?: Owner): Promise<string[]>;
  list(path: string): Promise<string[]>;
  remove(path: string): Promise<void>;
  /** Removes an empty folder. False where it holds something or is not there: then nothing happens. */
  removeFolder(path: string): Promise<boolean>;
  /** Removes a whole tree. Refuses anything outside the state folder unless `within` names the folder it may be in. */
  removeTree(path: string, within?: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  copy(from: string, to: string, mode: number): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** Gives what stands at the path itself to somebody; a link is given, not what it leads to. */
  setOwner(path: string, uid: number, gid: number): Promise<void>;
}

export interface PortHolder {
  port: number;
  address: string;
  pid?: number;
  /** Name of the program, where it could be read. */
  program?: string;
}

export interface ProcessFacts {
  pid: number;
  /** The command line, its arguments joined by blanks. */
  command: string;
  /** The arguments one by one, where the system tells them apart. */
  args: readonly string[];
  /** The folder that it works in, where this user may see it. */
  folder?: string;
}

export interface MachineFacts {
  platform: NodeJS.Platform;
  /** "Debian GNU/Linux 12 (bookworm)". */
  system: string;
  packageTool: "apt" | "dnf" | "brew" | "none";
  root: boolean;
  user: string;
  cores: number;
  memoryBytes: number;
  memoryFreeBytes: number;
}

export interface Packages {
  /** Where packages are unpacked that this user may not install. */
  readonly folder: string;
  /** Which of these packages of the operating system are here: installed, or unpacked in the folder. */
  installed(names: readonly string[]): Promise<string[]>;
  /** Which of these are unpacked in the folder. */
  unpacked(names: readonly string[]): Promise<string[]>;
  /** How this user can have missing ones: installed, unpacked into the folder, or not without root's rights. */
  way(): "install" | "unpack" | "none";
  /** Installs with consent given before. Throws a Problem with the one command to run where root is needed. */
  install(names: readonly string[], job: { log(line: string): void; signal: AbortSignal }): Promise<void>;
  /**
   * Unpacks them, and what they depend on, into the folder, in place of what was there. Nothing of the system changes.
   * Returns the names of all that were unpacked; throws a Problem where they cannot be fetched.
   */
  unpack(names: readonly string[], job: { log(line: string): void; signal: AbortSignal }): Promise<string[]>;
  /** Where a file of a package is: in its own place on the system, else in the folder; the former where it is in neither. */
  place(path: string): Promise<string>;
  /** The command that a person could run instead. */
  command(names: readonly string[]): string;
}

/** This computer: processes without a shell, files, ports, packages. */
export interface Machine {
  readonly files: Files;
  readonly packages: Packages;
  facts(): Promise<MachineFacts>;
  /** Free bytes on the file system that holds this path (or its nearest existing parent). */
  freeBytes(path: string): Promise<number>;
  /**
   * Runs a program with fixed arguments and no shell, in a process group of its own. Resolves whatever its exit code;
   * throws a Problem `machine.program-missing` where it does not exist and `machine.program-too-slow` where it did not
   * end in time, and the signal's reason where it was aborted. In both cases the whole group is dead by then.
   */
  exec(program: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a program in a session of its own that outlives this process; returns its pid. */
  startDetached(program: string, args: readonly string[], options: DetachedOptions): Promise<number>;
  /** True while the process is there and not a zombie. */
  alive(pid: number): Promise<boolean>;
  /** True where somebody halted the process (SIGSTOP, a debugger): it is there and does nothing. Always false on macOS. */
  halted(pid: number): Promise<boolean>;
  /** Halts one process of ours, or lets it go on. Nothing happens where it is gone. */
  signal(pid: number, signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Ends a process group of ours: TERM, then KILL after `patienceMs`; resolves when it is gone. */
  end(pid: number, patienceMs?: number): Promise<void>;
  /** Who listens on TCP ports. Names are missing where this user may not see them. */
  listeners(): Promise<PortHolder[]>;
  /** Full path of a program on PATH, or undefined. */
  find(program: string): Promise<string | undefined>;
  /** The processes on this machine, for finding a second installation. */
  processes(): Promise<ProcessFacts[]>;
}
