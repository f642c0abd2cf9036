import type { SourceReading } from "./source/read-sources.ts";
import type { StatementReading } from "./statements/read-statements.ts";

/** One program that the checkout wants supervised. */
export interface ProgramFacts {
  /** "trade_manager". */
  name: string;
  /** Path of the script relative to the checkout: "backend/trade_manager.py". */
  script: string;
  args: readonly string[];
  exists: boolean;
  /** Absent where there is no script, or no Python yet to tell; otherwise true, or the one-line error of the compiler. */
  compiles?: true | string;
  /** The port it listens on, from the manifest, where its code really listens. */
  port?: number;
  /** Where this program is named: "generator", "supervisor file", "monitor". */
  namedIn: readonly string[];
}

export interface CheckoutFacts {
  root: string;
  /** Full commit id, or undefined where it is no git working tree. */
  commit?: string;
  /** `git status --porcelain` lines, without untracked files that git ignores. */
  dirty: readonly string[];
  programs: readonly ProgramFacts[];
  /** Name → port, from MASTER_PORT_MANIFEST.json. */
  ports: Readonly<Record<string, number>>;
  /** Files that the product needs and that are missing, relative to the root. */
  missingFiles: readonly string[];
}

/** The REC.IO git working tree that is installed. Reads only; what is written into it is written by steps. */
export interface Checkout {
  /** Absolute path. May not exist yet where it is to be cloned. */
  readonly root: string;
  /** Absolute path of a place below the root. */
  at(...parts: string[]): string;
  /** Looks at the tree anew. Throws a Problem `checkout.…` where it is not there or not REC.IO. */
  inspect(signal?: AbortSignal): Promise<CheckoutFacts>;
  /** Every program, there or not, as the tree has it now: what {@link inspect} says of them, without asking git anything. */
  programs(signal?: AbortSignal): Promise<Pick<CheckoutFacts, "programs" | "ports">>;
  /**
   * What the sources of all programs that exist say, with what they import inside the checkout: whether they compile and
   * which modules they need from outside. Read again only when one of the files changed. Empty before there is a Python.
   */
  sources(signal?: AbortSignal): Promise<SourceReading>;
  /** Every SQL statement of the supervised programs and of what they import. Read again only when one of the files changed. */
  statements(signal?: AbortSignal): Promise<StatementReading>;
  /**
   * Top-level names of the modules from outside the checkout that the supervised programs import and need. Read as text:
   * it can be told before there is a Python. The standard library's are among them.
   */
  imports(): Promise<readonly string[]>;
  /** Programs that are supervised: those that exist, less those the person agreed to go without. In the safe order of starting. */
  supervised(): Promise<readonly ProgramFacts[]>;
  /** http://127.0.0.1:PORT of a program that listens. Throws a Problem where it has no port. */
  urlOf(program: string): Promise<string>;
  /** The interpreter that the programs run with (in the state folder), whether or not it is there yet. */
  readonly python: string;
  /** backend/data/users/user_0001/credentials/kalshi-credentials/<environment>, absolute. */
  credentials(environment: "demo" | "prod"): string;
}
