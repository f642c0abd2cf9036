import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import type { Machine } from "../../machine/machine.ts";
import type { RehearsalPlaces } from "./places.ts";
import { choosePorts, type RehearsalPorts } from "./ports.ts";

const port = z.number().int().min(1).max(32_767);

/** What a rehearsal chose once and keeps as long as it is there. No secret in it. */
const rehearsalRecord = z.object({
  version: z.literal(1),
  ports: z.object({
    programs: z.object({
      main_app: port,
      trade_manager: port,
      trade_executor: port,
      active_trade_supervisor: port,
      auto_entry_supervisor: port,
      kalshi_account_sync: port,
      kalshi_market_watchdog: port,
      strike_table_generator: port,
    }),
    database: port,
    source: port,
    kalshiProd: port,
    kalshiDemo: port,
    coinbase: port,
    kraken: port,
    control: port,
  }),
  keyId: z.uuid(),
  publicKeyPem: z.string(),
});
export type RehearsalRecord = z.infer<typeof rehearsalRecord> & { ports: RehearsalPorts };

/** What this rehearsal chose, or undefined where there is none. */
export async function knownChoice(
  machine: Pick<Machine, "files">,
  places: RehearsalPlaces,
): Promise<RehearsalRecord | undefined> {
  const text = await machine.files.read(places.record);
  if (text === undefined) return undefined;
  try {
    return rehearsalRecord.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Gives a rehearsal that is not made yet the key of another one, out of its backup: its own exchange will know it.
 * @param pem of the private key
 */
export async function bringKey(
  { files }: Pick<Machine, "files">,
  places: RehearsalPlaces,
  key: { keyId: string; pem: string },
): Promise<void> {
  await files.makeFolder(places.folder, 0o711);
  await files.write(places.kalshiKey, key.pem, 0o600);
  await files.write(places.broughtKeyId, key.keyId, 0o600);
}

async function chooseKey({ files }: Pick<Machine, "files">, places: RehearsalPlaces) {
  const [broughtId, pem] = [await files.read(places.broughtKeyId), await files.read(places.kalshiKey)];
  if (broughtId !== undefined && pem !== undefined)
    return { keyId: broughtId, publicKey: createPublicKey(createPrivateKey(pem)) };
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  await files.write(places.kalshiKey, privateKey.export({ type: "pkcs1", format: "pem" }).toString(), 0o600);
  return { keyId: randomUUID(), publicKey };
}

/**
 * What this rehearsal chose, or a choice made now: ports that nobody listens on, a key pair for the demo exchange, and a
 * password for the login. The record is written last, so that a choice that was cut off is made anew.
 */
export async function chooseOnce(
  machine: Pick<Machine, "files" | "listeners">,
  state: string,
  places: RehearsalPlaces,
): Promise<RehearsalRecord> {
  const known = await knownChoice(machine, places);
  if (known) return known;
  const { files } = machine;
  // The state folder above it is closed to others; the user of the stand-in programs passes through to their checkout.
  await files.makeFolder(places.folder, 0o711);
  const taken = new Set((await machine.listeners()).map((listener) => listener.port));
  const { keyId, publicKey } = await chooseKey({ files }, places);
  await files.write(places.loginPassword, `${randomBytes(12).toString("base64url")}\n`, 0o600);
  const record: RehearsalRecord = {
    version: 1,
    ports: choosePorts(state, taken),
    keyId,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
  await files.write(places.record, JSON.stringify(record), 0o600);
  return record;
}
