import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { rehearsalPlaces } from "./places.ts";
import { bringKey, chooseOnce } from "./record.ts";

test("A rehearsal out of a backup knows the key that came with it, and keeps knowing it", async () => {
  const state = mkdtempSync(join(tmpdir(), "rec-key-"));
  try {
    const machine = localMachine({ stateFolder: state });
    const places = rehearsalPlaces({ state });
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const keyId = "00000000-0000-4000-8000-00000000000a";
    await bringKey(machine, places, { keyId, pem });
    const record = await chooseOnce(machine, state, places);
    expect(record.keyId).toBe(keyId);
    expect(record.publicKeyPem).toBe(createPublicKey(privateKey).export({ type: "spki", format: "pem" }));
    expect(await machine.files.read(places.kalshiKey)).toBe(pem);
    expect(await chooseOnce(machine, state, places)).toEqual(record);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
