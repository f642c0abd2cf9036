import { rehearsalGrid } from "../../data/lookup-grid.ts";
import { type DraftAnswers, sourceAnswer } from "../../install/answers.ts";
import type { WorldOffers } from "../../install/offers.ts";
import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import type { SpareKey } from "../../runtime.ts";
import type { Settings } from "../../settings.ts";
import { makeCheckout, refreshCheckout } from "../checkout/make-checkout.ts";
import { type SourceDatabase, sourceDatabase, sourcePassword, sourceRole } from "../source/source.ts";
import type { OutsideOrder } from "./outside-order.ts";
import { type OutsideProcess, outsideProcess } from "./outside-process.ts";
import { type RehearsalPlaces, rehearsalPlaces } from "./places.ts";
import { portsOfBlock } from "./ports.ts";
import { chooseOnce, knownChoice, type RehearsalRecord } from "./record.ts";
import { spareKeys } from "./spare-keys.ts";

/** A rehearsal that is ready to be installed in. */
export interface Rehearsal {
  /** The settings with the stand-ins' addresses in place of the exchange's and the feeds'. */
  readonly settings: Settings;
  readonly places: RehearsalPlaces;
  readonly record: RehearsalRecord;
  /** Keys for trying what another one changes. */
  readonly spareKeys: readonly SpareKey[];
  readonly outside: OutsideProcess;
  /** Made when it is asked for: it must not cost the installation its time. */
  readonly source: SourceDatabase;
  /** Answers that the wizard begins with. */
  readonly draft: DraftAnswers;
  /** Plays another dialect of the exchange from now on. */
  speak(dialect: OutsideOrder["dialect"]): Promise<void>;
  /** Stops looking after the stand-ins; they go on, as REC.IO's programs do. */
  close(): void;
  /** Ends the stand-ins and removes everything that the rehearsal has of its own. */
  leave(): Promise<void>;
}

const at = (port: number) => `http://127.0.0.1:${port}`;

/** The settings of the rehearsal: nothing in them leads off this machine. Pure. */
export function rehearsalSettings(settings: Settings, { ports }: Pick<RehearsalRecord, "ports">): Settings {
  const exchange = (port: number) => ({
    rest: `${at(port)}/trade-api/v2`,
    websocket: `ws://127.0.0.1:${port}/trade-api/ws/v2`,
  });
  return {
    ...settings,
    kalshi: { prod: exchange(ports.kalshiProd), demo: exchange(ports.kalshiDemo) },
    coinbaseUrl: at(ports.coinbase),
    krakenUrl: at(ports.kraken),
  };
}

/**
 * Made beside its place and renamed: what was cut off leaves nothing that looks like a checkout. One that another
 * version made becomes what this version would make.
 */
async function ensureCheckout(
  machine: Machine,
  places: RehearsalPlaces,
  { ports }: RehearsalRecord,
  version: string,
): Promise<void> {
  const outside = {
    kalshi: at(ports.kalshiProd),
    kalshiDemo: at(ports.kalshiDemo),
    coinbase: at(ports.coinbase),
    kraken: at(ports.kraken),
  };
  const options = { ports: ports.programs, outside, lookupGrid: rehearsalGrid };
  const isThere = (await machine.files.facts(places.checkout)) !== undefined;
  if (isThere && (await machine.files.read(places.checkoutVersion)) === version) return;
  if (isThere) await refreshCheckout(machine, places.checkout, options);
  else {
    const made = `${places.checkout}.new`;
    await machine.files.removeTree(made);
    await makeCheckout(machine, made, options);
    await machine.files.rename(made, places.checkout);
  }
  await machine.files.write(places.checkoutVersion, version, 0o600);
}

/** The stand-ins, their checkout and the records of a run; what is installed is asked about by the plan's own gate. */
const leastBytes = 32 * 1024 * 1024;

/** Where a rehearsal was cut off before it chose anything: nothing is installed in it, and nobody asks at these ports. */
const nothingChosen: RehearsalRecord = { version: 1, ports: portsOfBlock(0), keyId: "", publicKeyPem: "" };

/** @throws Problem `machine.disk-full`, before anything is written */
async function checkRoom({ freeBytes }: Machine, { state }: Pick<StatePaths, "state">): Promise<void> {
  const free = await freeBytes(state);
  if (free >= leastBytes) return;
  throw new Problem({
    code: "machine.disk-full",
    says: `There is no space for a rehearsal in ${state}: ${(free / 1024 / 1024).toFixed(1)} MB of disk are free.`,
    remedy: sentence("Free some disk space, or name a folder on a larger disk with --state. Nothing was written half."),
  });
}

/** What an answers file may name. */
function offersOf(places: RehearsalPlaces, { ports, keyId }: RehearsalRecord): WorldOffers {
  return {
    checkout: places.checkout,
    "database-port": ports.database,
    "kalshi-key-id": keyId,
    "kalshi-private-key-file": places.kalshiKey,
    "login-password-file": places.loginPassword,
    "source-port": ports.source,
    "source-user": sourceRole,
    "source-password-file": places.sourcePassword,
  };
}

/**
 * Makes the world of a rehearsal ready below its state folder, or finds it so: a checkout, the exchange and the feeds as
 * one process that outlives this one, and a key that the demo exchange knows. Under a second the first time.
 * @param version the build whose stand-ins are run
 * @param leaving nothing is made or started: what is there is only to be taken away
 * @throws Problem where ports, files or the process cannot be had.
 */
export async function prepareRehearsal(
  settings: Settings,
  paths: StatePaths,
  machine: Machine,
  version: string,
  leaving = false,
): Promise<Rehearsal> {
  const places = rehearsalPlaces(paths);
  if (!leaving) await checkRoom(machine, paths);
  const record = leaving
    ? ((await knownChoice(machine, places)) ?? nothingChosen)
    : await chooseOnce(machine, paths.state, places);
  const spare = leaving ? undefined : await spareKeys(machine, places);
  const { ports, keyId, publicKeyPem } = record;
  const outside = outsideProcess(machine, places, ports.control, version);
  let order: OutsideOrder = {
    ports: {
      kalshiProd: ports.kalshiProd,
      kalshiDemo: ports.kalshiDemo,
      coinbase: ports.coinbase,
      kraken: ports.kraken,
      control: ports.control,
    },
    dialect: "2025",
    demoKeys: [{ keyId, publicKeyPem }, ...(spare ? [spare.known.demo] : [])],
    prodKeys: spare ? [spare.known.prod] : [],
  };
  const make = async () => {
    await Promise.all([ensureCheckout(machine, places, record, version), outside.ensure(order)]);
    await sourcePassword(machine, places);
    await machine.files.write(places.offers, JSON.stringify(offersOf(places, record)), 0o600);
  };
  if (!leaving)
    await make().catch(async (thrown: unknown) => {
      // A world that could not be made keeps no process.
      await outside.end();
      throw thrown;
    });
  const source = sourceDatabase(machine, places, ports.source);
  const close = leaving ? () => undefined : outside.keep(() => order);
  return {
    settings: rehearsalSettings(settings, record),
    places,
    record,
    spareKeys: spare?.listed ?? [],
    outside,
    source,
    draft: {
      checkout: { kind: "path", path: places.checkout },
      database: { kind: "embedded", port: ports.database },
      kalshi: { kind: "key", environment: "demo", keyId },
      data: sourceAnswer.parse({
        kind: "source",
        host: "127.0.0.1",
        port: ports.source,
        user: sourceRole,
        sslmode: "disable",
      }),
    },
    async speak(dialect) {
      order = { ...order, dialect };
      await outside.ensure(order);
    },
    close,
    async leave() {
      close();
      await Promise.all([outside.end(), source.stop()]);
      await machine.files.removeTree(places.folder);
    },
  };
}
