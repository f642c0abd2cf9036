import { createPublicKey, generateKeyPair, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { idWithin } from "../../kalshi/key/key-id.ts";
import { parsePrivateKey } from "../../kalshi/key.ts";
import type { Machine } from "../../machine/machine.ts";
import type { SpareKey } from "../../runtime.ts";
import type { KalshiEnvironment } from "../../settings.ts";
import type { KeyRegistration } from "../kalshi/state.ts";
import type { RehearsalPlaces } from "./places.ts";

const environments: readonly KalshiEnvironment[] = ["demo", "prod"];

async function madeOnce({ files }: Pick<Machine, "files">, file: string): Promise<KeyRegistration> {
  const kept = await files.read(file);
  const keyId = idWithin(kept ?? "");
  if (kept !== undefined && keyId !== undefined) {
    const publicKey = createPublicKey(parsePrivateKey(kept).privateKey);
    return { keyId, publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString() };
  }
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const made = { keyId: randomUUID(), publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString() };
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  await files.write(file, `Key ID: ${made.keyId}\n${pem}`, 0o600);
  return made;
}

/**
 * Keys that the rehearsal's exchange knows besides the one that is offered, each in a file with its id: without them
 * nobody could try what another key, or the other environment, changes.
 */
export async function spareKeys(
  machine: Pick<Machine, "files">,
  places: RehearsalPlaces,
): Promise<{ listed: SpareKey[]; known: Record<KalshiEnvironment, KeyRegistration> }> {
  const [demo, prod] = await Promise.all([
    madeOnce(machine, places.spareKeys.demo),
    madeOnce(machine, places.spareKeys.prod),
  ]);
  const listed = environments.map((environment) => ({ environment, file: places.spareKeys[environment] }));
  return { listed, known: { demo, prod } };
}
