import { expect, type Tab } from "../fixtures.ts";
import type { Ground } from "./ground.ts";

/** The whole wizard as somebody answers it who makes no mistake, up to the plan. Leaves the tab on the review page. */
export async function answerEverything({ wizard }: Tab, ground: Ground): Promise<void> {
  await wizard.begin();
  await wizard.choose("Another folder");
  await wizard.fill("Path of the checkout", ground.checkout.root);
  await wizard.goOn();
  await wizard.fill("User id", "ada");
  await wizard.fill("Full name", "Ada Lovelace");
  await wizard.fill("E-mail", "ada@example.org");
  await wizard.givePassword(ground.password);
  await wizard.goOn();
  await wizard.fill("Key ID", ground.key.keyId);
  await wizard.chooseKeyFile(ground.key.file);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Where should REC.IO keep its data?");
  await wizard.choose(/comes along/);
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Where do the probabilities come from?");
  await wizard.goOn();
  await expect(wizard.question).toHaveText("Is this what should be done?", { timeout: 60_000 });
}
