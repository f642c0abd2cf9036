import type { Page } from "playwright/test";

/** Pictures of a page for whoever wants to look: light and dark at a desk's width, and at a telephone's. */
export async function takePictures(page: Page, name: string): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 900 };
  const take = (kind: string) => page.screenshot({ path: `test-results/pictures/${name}-${kind}.png`, fullPage: true });
  await take("1280");
  await page.emulateMedia({ colorScheme: "dark" });
  await take("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await take("390");
  await page.setViewportSize(size);
}
