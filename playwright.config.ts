import { defineConfig } from "playwright/test";

/**
 * One runner for everything. `lib` is pure and fast, `db` has a real PostgreSQL, `system` real processes (supervisord,
 * Python, git), `e2e` a built server and Debian's Chromium.
 */
export default defineConfig({
  fullyParallel: false,
  forbidOnly: true,
  workers: 2,
  timeout: 60_000,
  reporter: [["list"]],
  outputDir: "test-results",
  projects: [
    { name: "lib", testDir: "lib", testMatch: "**/*.test.ts", testIgnore: ["**/*.db.test.ts", "**/*.system.test.ts"] },
    { name: "db", testDir: "lib", testMatch: "**/*.db.test.ts" },
    { name: "system", testDir: "lib", testMatch: "**/*.system.test.ts" },
    { name: "e2e", testDir: "e2e", testMatch: "**/*.spec.ts" },
  ],
});
