import { join } from "node:path";
import type { HealthReport } from "../../health/report.ts";
import { answersFile } from "../../install/answers.ts";
import { worldFor } from "../../install/real-world.ts";
import type { Machine } from "../../machine/machine.ts";
import { statePaths } from "../../paths.ts";
import { readSettings } from "../../settings.ts";
import type { World } from "../../world.ts";
import type { DoorAnswer } from "./crashes.ts";
import type { RecioTestReport } from "./report.ts";

type Drill = RecioTestReport["drills"][number];
type Door = (name: string, args: readonly string[]) => Promise<Required<DoorAnswer>>;

/** What is the person's own and no proof writes to (that of main_app stamps the preferences anew), and the table that took longest to make. */
const compared = ["users.user_info_0001", "users.trades_0001", "analytics.probability_lookup_btc"];

async function printOf({ postgres }: Pick<World, "postgres">): Promise<string> {
  const prints: string[] = [];
  for (const name of compared) {
    const text = `SELECT count(*)::int AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS hash FROM ${name} t`;
    const [row] = await postgres.query<{ rows: number; hash: string }>("app", text, [], {
      statementTimeoutMs: 300_000,
    });
    prints.push(`${name} ${row?.rows} ${row?.hash}`);
  }
  return prints.join("; ");
}

/** An installation that was packed up, to be moved. */
export interface PackedUp {
  file: string;
  passphraseFile: string;
  rows: string;
  drill: Drill;
}

/** Writes the one encrypted file, and remembers what the rows were. */
export async function packUp(door: Door, world: World, folder: string): Promise<PackedUp> {
  const file = join(folder, "moved.backup");
  const passphraseFile = join(folder, "passphrase");
  await world.machine.files.write(passphraseFile, "only for this test, and long\n", 0o600);
  await world.postgres.query(
    "installer",
    "INSERT INTO users.trades_0001 (date, time, strike, side, buy_price, position, status, ticket_id) VALUES ('d', 't', 's', 'Y', 0.5, 1, 'closed', 'moved')",
  );
  const rows = await printOf(world);
  const begun = performance.now();
  const { exit, json } = await door("backup", [`--out=${file}`, `--passphrase-file=${passphraseFile}`]);
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  return {
    file,
    passphraseFile,
    rows,
    drill: {
      name: "one encrypted file",
      held: exit === 0 && json.provenIn === "a scratch database" && json.withKey === true,
      says: `${json.rows} rows of ${json.tables} tables in ${json.bytes} bytes after ${seconds} s, proven in ${json.provenIn}. ${json.database}`,
    },
  };
}

/**
 * Becomes that installation in another state folder, once the first is gone: the rows must be the same, no order may pass
 * before the person's word, and then as many as after any installation.
 * @param door a door of the other state folder
 */
export async function moveInto(
  door: Door,
  { file, passphraseFile, rows }: PackedUp,
  ground: { machine: Machine; state: string; checkout: string; port: number; environment: Record<string, string> },
): Promise<Drill[]> {
  const begun = performance.now();
  const given = [`--from-backup=${file}`, `--passphrase-file=${passphraseFile}`, `--checkout=${ground.checkout}`];
  const setup = await door("setup", [...given, "--no-open", `--port=${ground.port}`]);
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const answers = answersFile.parse({
    checkout: { kind: "path", path: ground.checkout },
    person: { userId: "trader_0001", fullName: "Test Trader", email: "trader@example.org" },
    kalshi: { kind: "none" },
  });
  const settings = readSettings({ ...ground.environment, REC_SETUP_STATE: ground.state });
  const paths = statePaths(ground.state);
  const world = worldFor({ kind: "real", settings, paths, machine: ground.machine, answers, held: {} });
  const here = await printOf(world).catch((thrown: unknown) => String(thrown));
  await world.postgres.close();
  const doctor = (await door("doctor", [])).json as unknown as HealthReport;
  const before = (await door("trading", ["status"])).json;
  const refused = await door("trading", ["release", "--confirm=release"]);
  await door("trading", ["confirm-move", "--confirm=stopped"]);
  const after = (await door("trading", ["status"])).json;
  const uninstall = await door("uninstall", ["--yes"]);
  const reason = doctor.probes?.find(({ id }) => id === "only-one-trades");
  return [
    {
      name: "the file installed elsewhere",
      held: setup.json.installed === true && here === rows,
      says: `${setup.json.run} after ${seconds} s, installed: ${setup.json.installed}; the rows are ${here === rows ? "the same" : `${here} in place of ${rows}`}.`,
    },
    {
      name: "no order before the person's word",
      held:
        before.mode === "none" &&
        refused.exit === 1 &&
        (refused.json.problem as { code?: string } | undefined)?.code === "trading.move-not-confirmed" &&
        doctor.tradable === false &&
        reason?.level === "fail" &&
        after.mode === "close-only",
      says: `Mode ${before.mode}, released: ${refused.exit === 0}; after the word ${after.mode}. ${reason?.says}`,
    },
    {
      name: "the moved installation is taken back",
      held: uninstall.exit === 0,
      says: JSON.stringify(uninstall.json).slice(0, 300),
    },
  ];
}
