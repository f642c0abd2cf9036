import { expect, test } from "playwright/test";
import { interruptApply } from "./interrupted-apply.ts";

test("Whichever side dies in the middle of the apply, nothing is half done, and the next run ends it", async () => {
  test.setTimeout(180_000);
  for (const death of ["process", "server"] as const) {
    const report = await interruptApply({ every: 45, deaths: [death] });
    expect(report.survivors).toEqual([]);
    expect(report.total).toBeGreaterThan(1);
  }
});
