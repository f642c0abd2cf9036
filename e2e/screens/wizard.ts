import type { Locator, Page } from "playwright/test";

/** The wizard, a question page at a time. */
export class Wizard {
  readonly question: Locator;
  readonly continue: Locator;
  readonly install: Locator;
  readonly foot: Locator;
  readonly trail: Locator;
  readonly goOnWithRun: Locator;
  readonly stillNeeded: Locator;
  readonly plan: Locator;
  /** Of a change to what is installed: what it would change, and the button that does it. */
  readonly changes: Locator;
  readonly doButton: Locator;

  constructor(private readonly page: Page) {
    this.question = page.getByRole("heading", { level: 1 });
    this.continue = page.getByRole("button", { name: "Continue" });
    this.install = page.getByRole("button", { name: "Install this" });
    this.goOnWithRun = page.getByRole("button", { name: "Go on with the installation" });
    this.foot = page.getByRole("contentinfo");
    this.trail = page.getByRole("navigation", { name: "Setup" });
    this.stillNeeded = page.getByRole("list", { name: "Still needed" });
    this.changes = page.getByRole("region", { name: "What it would change" });
    this.doButton = page.getByRole("button", { name: "Do exactly this" });
    this.plan = page.getByRole("region", { name: "The plan" });
  }

  async open(path: "" | "checkout" | "you" | "kalshi" | "database" | "data" | "review"): Promise<void> {
    await this.page.goto(`${new URL(this.page.url()).origin}/setup${path ? `/${path}` : ""}`);
  }

  async begin(): Promise<void> {
    await this.page.getByRole("link", { name: "Begin" }).click();
  }

  async goOn(): Promise<void> {
    await this.continue.click();
  }

  async goBack(): Promise<void> {
    await this.foot.getByRole("link", { name: /^Back to/ }).click();
  }

  async choose(option: string | RegExp): Promise<void> {
    await this.page.getByRole("radio", { name: option }).check();
  }

  async agree(to: string | RegExp): Promise<void> {
    await this.page.getByRole("checkbox", { name: to }).check();
  }

  async fill(field: string, text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: field, exact: true }).fill(text);
  }

  async givePassword(password: string, again = password): Promise<void> {
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByLabel("The same again").fill(again);
  }

  /** The sentence under a field: its hint, or why it was refused. */
  note(field: string) {
    return this.page
      .locator(".field")
      .filter({ has: this.page.getByLabel(field, { exact: true }) })
      .locator(".hint");
  }

  async chooseKeyFile(file: string): Promise<void> {
    await this.page.getByLabel("File of the private key").setInputFiles(file);
  }

  async pasteKey(text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Private key" }).fill(text);
  }

  async goOnWithoutKey(): Promise<void> {
    await this.foot.getByRole("button", { name: "Go on without one" }).click();
  }

  async doExactlyThis(): Promise<void> {
    await this.doButton.click();
  }

  /** A rung of the ladder at the right, by what it says. */
  rung(says: string | RegExp) {
    return this.page.getByRole("complementary").getByRole("listitem").filter({ hasText: says });
  }

  async wayOut(name: string): Promise<void> {
    await this.page.getByRole("complementary").getByRole("button", { name }).click();
  }
}
