import type { Locator, Page } from "playwright/test";

/** More than any page has places to stop at. */
const most = 300;

/** A person without a mouse. No assertions here. */
export class Keyboard {
  /** What was reached and did not show it. */
  readonly unseen: string[] = [];

  constructor(private readonly page: Page) {}

  /** Presses Tab until this has the focus. @throws Error where it is never reached. */
  async reach(target: Locator): Promise<void> {
    for (let presses = 0; presses < most; presses++) {
      await this.page.keyboard.press("Tab");
      if (await target.evaluate((element) => element === document.activeElement)) {
        const seen = await target.evaluate((element) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
        });
        if (!seen) this.unseen.push(await target.evaluate((element) => element.outerHTML.slice(0, 120)));
        return;
      }
    }
    throw new Error(`${most} times Tab do not lead to ${target}`);
  }

  /** Reaches it and presses a key there. */
  async press(target: Locator, key: "Enter" | "Space"): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press(key);
  }

  /** Reaches a field and writes into it in place of what stands there. */
  async write(target: Locator, text: string): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.type(text);
  }
}
