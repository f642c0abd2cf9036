import type { Page } from "playwright/test";

/**
 * Takes the picture of a whole page. The window becomes as tall as the page meanwhile: what sticks to its foot would
 * otherwise lie across the middle of the picture.
 */
async function whole(page: Page, path: string): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 900 };
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: size.width, height: Math.max(size.height, height) });
  await page.screenshot({ path, fullPage: true });
  await page.setViewportSize(size);
}

/**
 * Pictures of a page for whoever wants to look: light and dark at a desk's width, and at a telephone's.
 * @param options.readme the name under which the README shows it; `REC_TEST_PICTURES=1` renews it there
 * @param options.asSeen the README shows what the window shows, and not the whole page
 */
export async function takePictures(
  page: Page,
  name: string,
  { readme, asSeen = false }: { readme?: string; asSeen?: boolean } = {},
): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 900 };
  const take = (kind: string) => whole(page, `test-results/pictures/${name}-${kind}.png`);
  await take("1280");
  if (readme && process.env.REC_TEST_PICTURES === "1") {
    const path = `docs/pictures/${readme}.png`;
    await (asSeen ? page.screenshot({ path }) : whole(page, path));
  }
  await page.emulateMedia({ colorScheme: "dark" });
  await take("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await take("390");
  await page.setViewportSize(size);
}

/** Pixels by which a page is wider than a window of this width. */
export async function tooWideAt(page: Page, width: number): Promise<number> {
  const size = page.viewportSize() ?? { width: 1280, height: 900 };
  await page.setViewportSize({ width, height: 800 });
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  await page.setViewportSize(size);
  return tooWide;
}
