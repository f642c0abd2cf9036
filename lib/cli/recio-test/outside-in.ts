import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import { childEnvironment } from "../../settings.ts";
import { unshared } from "./namespace.ts";
import type { RecioTestOptions } from "./options.ts";
import { makeHome, userCheckout } from "./ordinary-user.ts";
import { differences, type RecioTestReport } from "./report.ts";

/** What the outer process hands to the inner one, in a 0600 file of the run's folder. */
export interface InsideOrder {
  folder: string;
  checkout: string;
  /** The tree is somebody's own and no clone of the run: nothing in it is changed on purpose. */
  inPlace: boolean;
  dialect: "2025" | "today";
  translate: boolean;
  user: boolean;
  database: RecioTestOptions["database"];
  source: boolean;
  update: boolean;
  drills: boolean;
  badInput: boolean;
  kalshi: boolean;
  keyless: boolean;
  catalogue: boolean;
  move: boolean;
  crash: boolean;
  rest: number;
  hold: boolean;
  keyId: string;
  publicKeyFile: string;
  privateKeyFile: string;
  loginPasswordFile: string;
  resultFile: string;
}

/** Git status with ignored files: the whole difference between a tree and what git knows. */
export async function treeStatus(machine: Machine, checkout: string): Promise<string[]> {
  const { stdout } = await machine.exec("git", [
    "-c",
    `safe.directory=${checkout}`,
    "-C",
    checkout,
    "status",
    "--porcelain",
    "--ignored",
  ]);
  return stdout.split("\n").filter(Boolean);
}

/** Prepares the run's folder, enters the namespaces, and reads what the inner process saw. */
export async function testRecio(
  options: RecioTestOptions,
  say: (line: string) => void,
): Promise<{ report: RecioTestReport; held: boolean }> {
  const folder = join(tmpdir(), `rec-io-test-${randomBytes(4).toString("hex")}`);
  const machine = localMachine({ stateFolder: folder });
  if (options.user && options.inPlace)
    throw new Problem({
      code: "options.not-usable",
      says: "An ordinary user installs a clone that belongs to him.",
      remedy: sentence("Leave out --in-place or --user."),
    });
  if (options.badInput && options.inPlace)
    throw new Problem({
      code: "options.not-usable",
      says: "Files are broken in a clone only.",
      remedy: sentence("Leave out --in-place or --bad-input."),
    });
  const facts = await machine.facts();
  if (facts.platform !== "linux" || !facts.root) {
    throw new Problem({
      code: "recio-test.needs-root",
      says: "The test needs root on Linux: it makes namespaces of its own.",
      remedy: sentence("Run it with sudo."),
    });
  }
  await machine.files.makeFolder(folder, 0o700);
  try {
    const source = resolve(options.checkout);
    const ownTree = options.user ? userCheckout.at(folder) : join(folder, "checkout");
    const checkout = options.inPlace ? source : ownTree;
    if (!options.inPlace) await cloneTree(machine, source, checkout);
    if (options.user) await makeHome(machine, folder);
    const before = await treeStatus(machine, checkout);
    const order = await writeOrder(machine, folder, options.user ? userCheckout.inside : checkout, options);
    const [program, args] = unshared(process.execPath, [
      join(projectRoot(), "setup.cjs"),
      "test:recio",
      "--inside",
      order.file,
    ]);
    const result = await machine.exec(program, args, {
      env: childEnvironment(),
      timeoutMs: options.hold ? 24 * 3_600_000 : 30 * 60_000,
      onLine: (line, from) => from === "stderr" && say(line),
    });
    const text = await machine.files.read(order.resultFile);
    if (text === undefined) {
      throw new Problem({
        code: "recio-test.no-result",
        says: "The installation inside the namespace ended without a result.",
        remedy: sentence("Read the lines above."),
        evidence: { asked: program, cameBack: result.stderr.slice(-4000) },
      });
    }
    const report = JSON.parse(text) as RecioTestReport;
    report.left.checkoutChanges = differences(before, await treeStatus(machine, checkout));
    return { report, held: holds(report, options) };
  } finally {
    await machine.files.removeTree(folder, tmpdir());
  }
}

/** The whole test holds when everything in it does: this is the exit code. */
function holds(report: RecioTestReport, { dialect, translate, source }: RecioTestOptions): boolean {
  const { left } = report;
  const nothingLeft = [
    left.processes,
    left.listeners,
    left.files,
    left.checkoutChanges,
    left.serverChanges ?? [],
  ].every((list) => list.length === 0);
  const tradableAsItMust = dialect === "today" ? !report.tradable && report.tradableReasons.length > 0 : true;
  // With the translation the strikes carry today's prices, and without it they cannot.
  const pricesAsTheyMust = dialect === "today" ? report.markets.priced > 0 === translate : report.markets.priced > 0;
  // The generator writes one of two values where it finds no probability.
  const copiedAsItMust =
    !source ||
    (report.copied?.lookup === "copied" && (report.markets.priced === 0 || report.markets.probabilities > 2));
  return (
    report.installed &&
    copiedAsItMust &&
    report.drills.every((drill) => drill.held) &&
    (report.catalogue ?? []).every((row) => row.held) &&
    report.gitStatusClean &&
    nothingLeft &&
    report.exchange.orders === 0 &&
    report.exchange.notGet === 0 &&
    tradableAsItMust &&
    pricesAsTheyMust
  );
}

async function cloneTree(machine: Machine, source: string, into: string): Promise<void> {
  const git = async (...args: string[]) => {
    const { code, stderr, stdout } = await machine.exec("git", ["-c", `safe.directory=${source}`, ...args]);
    if (code === 0) return stdout.trim();
    throw new Problem({
      code: "recio-test.clone",
      says: `${source} cannot be cloned.`,
      remedy: sentence("Name the folder of a git checkout of REC.IO."),
      evidence: { asked: `git ${args[0]}`, cameBack: stderr.slice(-300) },
    });
  };
  const commit = await git("-C", source, "rev-parse", "HEAD");
  await git("clone", "--quiet", "--no-hardlinks", source, into);
  await git("-C", into, "checkout", "--quiet", commit);
}

/** Keys of this run's own, the login password, and the order for the inner process; all 0600. */
async function writeOrder(
  machine: Machine,
  folder: string,
  checkout: string,
  options: RecioTestOptions,
): Promise<InsideOrder & { file: string }> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const order: InsideOrder = {
    folder,
    checkout,
    inPlace: options.inPlace,
    dialect: options.dialect,
    translate: options.translate,
    user: options.user,
    database: options.database,
    source: options.source,
    update: options.update,
    drills: options.drills,
    badInput: options.badInput,
    kalshi: options.kalshi,
    keyless: options.keyless,
    catalogue: options.catalogue,
    move: options.move,
    crash: options.crash,
    rest: options.rest,
    hold: options.hold,
    keyId: randomUUID(),
    publicKeyFile: join(folder, "demo-public.pem"),
    privateKeyFile: join(folder, "demo-private.pem"),
    loginPasswordFile: join(folder, "login-password"),
    resultFile: join(folder, "result.json"),
  };
  const file = join(folder, "order.json");
  await machine.files.write(order.publicKeyFile, publicKey.export({ type: "spki", format: "pem" }), 0o600);
  await machine.files.write(order.privateKeyFile, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  await machine.files.write(order.loginPasswordFile, randomBytes(18).toString("base64url"), 0o600);
  await machine.files.write(file, JSON.stringify(order), 0o600);
  return { ...order, file };
}
