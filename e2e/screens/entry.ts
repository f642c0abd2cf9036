import type { Locator, Page } from "playwright/test";

/** The page that asks for the code of `npm run setup`. */
export class Entry {
  readonly title: Locator;
  readonly refusal: Locator;

  constructor(private readonly page: Page) {
    this.title = page.getByRole("heading", { name: "This page opens with a code." });
    this.refusal = page.getByRole("alert").filter({ hasText: "code" });
  }

  /** Opens the link that the terminal prints. */
  async openLink(url: string, code: string): Promise<void> {
    await this.page.goto(`${url}/#code=${code}`);
  }

  async typeCode(code: string): Promise<void> {
    await this.page.getByLabel("Code").fill(code);
    await this.page.getByRole("button", { name: "Open the page" }).click();
  }
}
