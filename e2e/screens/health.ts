import type { Locator, Page } from "playwright/test";

/** The health page, its logs and its report. */
export class Health {
  readonly verdict: Locator;
  readonly reasons: Locator;
  readonly lock: Locator;

  constructor(private readonly page: Page) {
    this.verdict = page.getByRole("heading", { level: 1 });
    this.reasons = page.getByRole("list", { name: "Why" });
    this.lock = page.getByRole("region", { name: "Order lock" });
  }

  async open(): Promise<void> {
    await this.page.goto(`${new URL(this.page.url()).origin}/health`);
  }

  group(name: string) {
    return this.page.getByRole("region", { name, exact: true });
  }

  async lookAgain(): Promise<void> {
    await this.page.getByRole("button", { name: "Look again" }).click();
  }

  async unfold(group: string): Promise<void> {
    await this.group(group).getByRole("button", { name: /more$/ }).click();
  }

  /** Asks what a remedy would change; nothing is done yet. */
  async showRepair(group: string, remedy: string): Promise<void> {
    await this.group(group)
      .getByRole("button", { name: `${remedy}…` })
      .click();
  }

  /** The password of the administrator of a server that is not ours, where a repair asks for it. */
  async giveAdministratorsPassword(group: string, password: string): Promise<void> {
    await this.group(group).getByLabel("Administrator’s password").fill(password);
    await this.group(group).getByRole("button", { name: "Show what it changes" }).click();
  }

  async doRepair(group: string): Promise<void> {
    await this.group(group).getByRole("button", { name: "Do exactly this" }).click();
  }

  /** The page where another Kalshi key is given to what is installed. */
  async giveAnotherKey(): Promise<void> {
    await this.group("Kalshi").getByRole("link", { name: "Give REC.IO another key, or the other environment" }).click();
  }

  async openRelease(): Promise<void> {
    await this.lock.getByText("Release…").click();
  }

  async release(word: string): Promise<void> {
    await this.lock.getByLabel("Type the word release").fill(word);
    await this.lock.getByRole("button", { name: "Release new orders" }).click();
  }

  /** The person's word that the installation which this one came from no longer trades. */
  async confirmMove(word: string): Promise<void> {
    await this.lock.getByLabel("Type the word stopped").fill(word);
    await this.lock.getByRole("button", { name: "The other one no longer trades" }).click();
  }

  async hold(): Promise<void> {
    await this.lock.getByRole("button", { name: "Hold new orders again" }).click();
  }

  async openLogs(): Promise<void> {
    await this.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Logs" }).click();
  }

  async readLog(program: string, stream: "What it says" | "What it complains"): Promise<void> {
    await this.page.getByRole("radio", { name: stream }).check();
    await this.page.getByRole("radio", { name: program }).check();
  }

  async openReport(): Promise<void> {
    await this.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Report" }).click();
  }
}
