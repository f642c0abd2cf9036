import type { Locator, Page } from "playwright/test";

/** The page of one run. */
export class Run {
  readonly headline: Locator;
  readonly tally: Locator;
  readonly failure: Locator;
  readonly log: Locator;
  readonly stillNeeded: Locator;
  /** Said where the server cannot be followed. */
  readonly lost: Locator;

  constructor(private readonly page: Page) {
    this.headline = page.getByRole("heading", { level: 1 });
    this.tally = page.getByRole("img", { name: /^\d+ of \d+ done/ });
    this.failure = page.getByRole("main").getByRole("alert");
    this.stillNeeded = page.getByRole("list", { name: "Still needed" });
    this.lost = page.getByRole("status").filter({ hasText: "The line to the server is lost" });
    this.log = page.getByRole("region", { name: "Log" });
  }

  /** A row of the plan, by its title. */
  step(title: string) {
    return this.page.getByRole("listitem").filter({ hasText: title });
  }

  /** The mark of a row: "running", "ok", "fail", "waiting", "already so". */
  mark(title: string): Locator {
    return this.step(title).getByRole("img").first();
  }

  /** Every row as it stands now: "ok Start PostgreSQL". */
  rows(): Promise<string[]> {
    return this.page
      .locator(".step")
      .evaluateAll((rows) =>
        rows.map(
          (row) =>
            `${row.querySelector("[role=img]")?.getAttribute("aria-label")} ${row.querySelector(".title")?.textContent}`,
        ),
      );
  }

  /** Every line of the log that this tab shows. */
  logLines(): Promise<string[]> {
    return this.log.locator(".line").allTextContents();
  }

  async openStep(title: string): Promise<void> {
    await this.page.getByText(title, { exact: true }).click();
  }

  /** Asks what it would change to give REC.IO the key before this run; nothing is done yet. */
  async putKeyBack(): Promise<void> {
    await this.page.getByRole("button", { name: "Put the key before it back…" }).click();
  }

  async stop(): Promise<void> {
    await this.page.getByRole("button", { name: "Stop after this step" }).click();
  }

  async goOn(): Promise<void> {
    await this.page.getByRole("button", { name: /^Go on/ }).click();
  }

  /** Opens the page where a secret that is gone is given again. */
  async giveAgain(says: string): Promise<void> {
    await this.stillNeeded.getByRole("link", { name: says }).click();
  }

  async retry(): Promise<void> {
    await this.page.getByRole("button", { name: /^Retry/ }).click();
  }

  /** Shows what the remedy would change, and does it. */
  async repair(remedy: string): Promise<void> {
    await this.page.getByRole("button", { name: `${remedy}…` }).click();
    await this.page.getByRole("button", { name: "Do exactly this" }).click();
  }

  async goOnWithInstallation(): Promise<void> {
    await this.page.getByRole("button", { name: "Go on with the installation" }).click();
  }

  async undo(): Promise<void> {
    await this.page.getByRole("button", { name: "Undo what this run did…" }).click();
    await this.page.getByRole("button", { name: "Take it back" }).click();
  }

  async openAnswers(): Promise<void> {
    await this.page.getByRole("link", { name: "Answers" }).click();
  }

  async openHealth(): Promise<void> {
    await this.page.getByRole("link", { name: "Open the health page" }).click();
  }

  async openReport(): Promise<void> {
    await this.page.getByRole("link", { name: "Completion report" }).click();
  }
}
