import type { Locator, Page } from "playwright/test";

/** What a person can do with the rehearsal: begin it, break it, leave it. No assertions here. */
export class RehearsalScreen {
  readonly begin: Locator;
  readonly band: Locator;
  readonly panel: Locator;
  readonly openPanel: Locator;
  readonly leaveLink: Locator;
  readonly leaveButton: Locator;
  readonly gone: Locator;

  constructor(private readonly page: Page) {
    this.begin = page.getByRole("button", { name: "Rehearse first" });
    this.band = page.getByRole("note").filter({ hasText: "Rehearsal." });
    this.panel = page.getByRole("complementary", { name: "Break it yourself" });
    this.openPanel = page.getByRole("button", { name: "Break it yourself" });
    this.leaveLink = page.getByRole("link", { name: "Leave the rehearsal" });
    this.leaveButton = page.getByRole("button", { name: "Leave, and remove every trace" });
    this.gone = page.getByRole("heading", { name: "The rehearsal is gone." });
  }

  lie(title: string): Locator {
    return this.panel.getByRole("switch", { name: title });
  }

  /** The switch with everything that stands below it. */
  opened(title: string): Locator {
    return this.panel.locator(".lie").filter({ has: this.page.getByRole("switch", { name: title }) });
  }
}
