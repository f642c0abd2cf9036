import { defineConfig } from "playwright/test";

// `npm run test:rehearsal`: the rehearsal in combinations that chance chooses. A seed makes a run the same again:
// REC_TEST_COURSE=seed:rounds. One at a time, because two would be a second REC.IO to each other.
process.env.REC_TEST_COURSE ??= String(Math.floor(Math.random() * 1_000_000));

export default defineConfig({
  fullyParallel: false,
  forbidOnly: true,
  workers: 1,
  reporter: [["list"]],
  outputDir: "test-results",
  projects: [{ name: "bulk", testDir: "lib/rehearsal/bulk", testMatch: "test-{pairs,killed,move}.ts" }],
});
