import { join } from "node:path";
import { git, gitEnvironment } from "../../checkout/git/git.ts";
import { gridFile } from "../../data/checkout-grid.ts";
import type { LookupGrid } from "../../data/lookup-grid.ts";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import { fingerprintArchive } from "./fingerprints.ts";

/** Ports of the manifest. The last three are never bound, by REC.IO or by the stand-ins. */
export interface StandInPorts {
  main_app: number;
  trade_manager: number;
  trade_executor: number;
  active_trade_supervisor: number;
  auto_entry_supervisor: number;
  kalshi_account_sync: number;
  kalshi_market_watchdog: number;
  strike_table_generator: number;
}

/** REC.IO's own ports moved away from where a real REC.IO may be running, and below the ephemeral range. */
export const standInPorts: StandInPorts = {
  main_app: 23_000,
  trade_manager: 24_000,
  trade_executor: 28_001,
  active_trade_supervisor: 28_007,
  auto_entry_supervisor: 28_009,
  kalshi_account_sync: 28_004,
  kalshi_market_watchdog: 28_005,
  strike_table_generator: 28_011,
};

/** Where the stand-ins of the exchange and of the feeds listen: "http://127.0.0.1:PORT". */
export interface StandInAddresses {
  kalshi: string;
  kalshiDemo: string;
  coinbase: string;
  kraken: string;
}

export interface CheckoutOptions {
  /** "whole": every script is there. "without-account-sync": a second commit deletes one that is still named. */
  style?: "whole" | "without-account-sync";
  ports?: Partial<StandInPorts>;
  /** Written into the tree, as REC.IO has its hosts in its code. Absent: the environment of the programs names them. */
  outside?: StandInAddresses;
  /** How finely the lookup is to be laid out; absent: as REC.IO's. */
  lookupGrid?: LookupGrid;
}

export interface MadeCheckout {
  root: string;
  /** Full id of HEAD: the same one for the same options. */
  commit: string;
  ports: StandInPorts;
}

export const accountSyncScript = "backend/api/kalshi-api/kalshi_account_sync_ws.py";
const archivePath = "backend/data/archives/btc_fingerprint_archive_20250810_191515.zip";
const manifestPath = "backend/core/config/MASTER_PORT_MANIFEST.json";
const core = [
  "main_app",
  "trade_manager",
  "trade_executor",
  "active_trade_supervisor",
  "auto_entry_supervisor",
] as const;
const watchdogs = ["kalshi_account_sync", "kalshi_market_watchdog", "strike_table_generator"] as const;

type Hands = Pick<Machine, "files" | "exec">;

function manifest(ports: StandInPorts): string {
  const section = (names: readonly (keyof StandInPorts)[]) =>
    Object.fromEntries(names.map((name) => [name, { port: ports[name], description: name, status: "RUNNING" }]));
  return `${JSON.stringify({ system_name: "Stand-in", core_services: section(core), watchdog_services: section(watchdogs) }, null, 2)}\n`;
}

/**
 * Where a file of ours stands in the stand-in. A .gitignore would hide the stand-in's files from our own repository, and
 * REC.IO's backend/util is no name that our own rules let pass.
 */
function placeOf(path: string): string {
  return path === "gitignore" ? ".gitignore" : path.replace(/^backend\/places\//, "backend/util/");
}

/** Paths of every file below a folder, relative to it. What Python leaves behind when it compiles is no part of the tree. */
async function filesBelow(machine: Hands, folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await machine.files.list(join(folder, prefix))).sort()) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    const facts = await machine.files.facts(join(folder, path));
    if (facts?.kind === "folder" && name !== "__pycache__") found.push(...(await filesBelow(machine, folder, path)));
    else if (facts?.kind === "file") found.push(path);
  }
  return found;
}

async function run(machine: Hands, root: string, ...args: string[]): Promise<string> {
  const fixed = { name: "Stand-in", email: "stand-in@localhost.invalid", date: "2025-09-01T12:00:00+00:00" };
  const result = await git(machine as Machine, args, {
    cwd: root,
    env: {
      ...gitEnvironment(),
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_NAME: fixed.name,
      GIT_AUTHOR_EMAIL: fixed.email,
      GIT_AUTHOR_DATE: fixed.date,
      GIT_COMMITTER_NAME: fixed.name,
      GIT_COMMITTER_EMAIL: fixed.email,
      GIT_COMMITTER_DATE: fixed.date,
    },
  });
  if (result.code === 0) return result.stdout.trim();
  throw new Problem({
    code: "rehearsal.checkout-not-made",
    says: "The stand-in checkout could not be committed.",
    remedy: sentence("Look at what git said below."),
    evidence: { asked: `git ${args.join(" ")}`, cameBack: result.stderr.trim().slice(-500) },
  });
}

/** Writes every file of the tree; returns their paths, relative to it. */
async function fill(machine: Hands, root: string, options: CheckoutOptions, ports: StandInPorts): Promise<string[]> {
  const tree = join(projectRoot(), "lib/rehearsal/checkout/tree");
  const written: string[] = [];
  const put = async (path: string, content: string | Buffer) => {
    await machine.files.makeFolder(join(root, path, ".."), 0o755);
    await machine.files.write(join(root, path), content, path.endsWith(".sh") ? 0o755 : 0o644);
    written.push(path);
  };
  for (const path of await filesBelow(machine, tree)) {
    const content = await machine.files.readBytes(join(tree, path));
    if (content) await put(placeOf(path), content);
  }
  await put(manifestPath, manifest(ports));
  // Tracked, and prod: the trap that REC.IO's own tree has.
  await put("backend/data/account_mode_state.json", '{"mode": "prod"}');
  await put(archivePath, fingerprintArchive());
  if (options.lookupGrid) await put(gridFile, `${JSON.stringify(options.lookupGrid)}\n`);
  if (options.outside) {
    const { kalshi, kalshiDemo, coinbase, kraken } = options.outside;
    const named = { KALSHI: kalshi, KALSHI_DEMO: kalshiDemo, COINBASE: coinbase, KRAKEN: kraken };
    await put("backend/standin/outside.json", `${JSON.stringify(named, null, 2)}\n`);
  }
  return written;
}

const firstMessage = "Stand in for REC.IO";

/**
 * Makes a stand-in for REC.IO's checkout in a folder that does not exist yet: a git working tree of the same layout,
 * whose twelve programs do the same work small. The same options give the same commit.
 * @throws Problem `rehearsal.folder-taken`, `rehearsal.checkout-not-made`.
 */
export async function makeCheckout(machine: Hands, root: string, options: CheckoutOptions = {}): Promise<MadeCheckout> {
  if (await machine.files.facts(root))
    throw new Problem({
      code: "rehearsal.folder-taken",
      says: `The stand-in checkout cannot be made: ${root} is there already.`,
      remedy: sentence(`Name another folder, or move ${root} away.`),
    });
  const ports = { ...standInPorts, ...options.ports };
  await fill(machine, root, options, ports);
  await run(machine, root, "init", "--quiet", "--initial-branch=main");
  await run(machine, root, "add", "--all");
  // REC.IO ignores zip files and tracks these all the same.
  await run(machine, root, "add", "--force", archivePath);
  await run(machine, root, "commit", "--quiet", "--message", firstMessage);
  if (options.style === "without-account-sync") {
    await run(machine, root, "rm", "--quiet", accountSyncScript);
    await run(machine, root, "commit", "--quiet", "--message", "Delete the account sync, and go on naming it");
  }
  return { root, commit: await run(machine, root, "rev-parse", "HEAD"), ports };
}

/**
 * Brings a whole stand-in that an earlier version of this product made to what this one would make: the same tracked
 * files and the same commit. What was put beside them (profile, credentials, logs) stays. Harmless where nothing changed.
 * @throws Problem `rehearsal.checkout-not-made`.
 */
export async function refreshCheckout(machine: Hands, root: string, options: CheckoutOptions = {}): Promise<void> {
  // Left by a git that was killed; nobody but us works in this tree.
  await machine.files.remove(join(root, ".git/index.lock"));
  const before = (await run(machine, root, "ls-files", "-z")).split("\0").filter((path) => path !== "");
  const written = await fill(machine, root, options, { ...standInPorts, ...options.ports });
  const gone = before.filter((path) => !written.includes(path));
  if (gone.length > 0) await run(machine, root, "rm", "--quiet", "--force", "--ignore-unmatch", "--", ...gone);
  await run(machine, root, "add", "--force", "--", ...written);
  await run(machine, root, "commit", "--quiet", "--amend", "--allow-empty", "--message", firstMessage);
}
