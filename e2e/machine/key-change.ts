import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Tab } from "../fixtures.ts";
import { filesWith, keyLines, processTexts } from "./canary.ts";
import type { Ground } from "./ground.ts";
import { takePictures } from "./pictures.ts";
import { untilStatus } from "./settled.ts";

/** Gives what is installed another key on the health page, sees it in use, and puts the one before back. */
export async function changeKeyAndBack({ health, run, page, wizard }: Tab, ground: Ground): Promise<void> {
  const { demo } = ground.outside;
  const folder = join(ground.checkout.root, "backend/data/users/user_0001/credentials/kalshi-credentials/demo");
  const stored = () =>
    [".env", "kalshi.pem", "kalshi-auth.txt"].map((name) => readFileSync(join(folder, name), "utf8"));
  const installed = stored();
  const another = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyId = randomUUID();
  const pem = another.privateKey.export({ type: "pkcs1", format: "pem" }).toString();

  await health.open();
  await health.giveAnotherKey();
  await expect(wizard.question).toHaveText("Which Kalshi key should REC.IO use from now on?");
  await wizard.fill("Key ID", keyId);
  await wizard.pasteKey(pem);
  await page.keyboard.press("Tab");
  await expect(wizard.rung("The key is not known in production either.")).toBeVisible();
  await expect(wizard.continue).toBeDisabled();
  demo.register({ keyId, publicKeyPem: another.publicKey.export({ type: "spki", format: "pem" }).toString() });
  await wizard.wayOut("Ask again");
  await expect(wizard.rung("Kalshi accepts the key.")).toBeVisible();
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what the key should change?");
  await expect(wizard.changes).toContainText("kalshi_account_sync");
  expect(stored()).toEqual(installed);
  await takePictures(page, "key-change");
  await wizard.doExactlyThis();
  await expect(run.headline).toHaveText("REC.IO has the other key, and works with it.", { timeout: 90_000 });
  const [dotenv = "", key, shown = ""] = stored();
  expect(key).toBe(pem);
  for (const text of [dotenv, shown]) expect(text).toContain(keyId);
  // Nothing signs with the key before any more: Kalshi may forget it.
  demo.revoke(ground.key.keyId);
  await untilStatus(ground, 200, 60_000);
  expect((await ground.health()).report.probes.find(({ id }) => id === "kalshi-key-accepted")?.level).toBe("ok");

  await run.putKeyBack();
  await expect(page.getByRole("main")).toContainText("Kalshi knows this key id neither in demo nor in production.");
  await expect(wizard.doButton).toBeDisabled();
  demo.register({ keyId: ground.key.keyId, publicKeyPem: ground.key.publicKeyPem });
  await page.reload();
  await wizard.doExactlyThis();
  await expect(run.headline).toHaveText("REC.IO has the other key, and works with it.", { timeout: 90_000 });
  expect(stored()).toEqual(installed);
  await untilStatus(ground, 200, 60_000);

  // Neither key is anywhere but in its files: not in a log, a journal, an answer to the browser or a process.
  const own = readFileSync(join(folder, "kalshi.pem"), "utf8");
  const ids = [keyId, ground.key.keyId];
  const lines = [...keyLines(pem), ...keyLines(own)];
  const found = filesWith(ground.state, [...ids, ...lines], [ground.paths.postgresData]);
  const kept = /^\/(kalshi-key-ids\.json|secrets\/credentials-before-demo-\d+\/(kalshi\.pem|\.env|kalshi-auth\.txt))$/;
  expect(found.filter((file) => !kept.test(file))).toEqual([]);
  expect(found.length).toBeGreaterThanOrEqual(4);
  const texts = [...processTexts(), await page.content()];
  expect(texts.filter((text) => [...ids, ...lines].some((word) => text.includes(word)))).toEqual([]);
}
