import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { buildFixture, type DoorBench, openBench, removeFixture } from "../server/fixture/fixture-build.ts";
import { freePortAbove } from "../server/port-choice.ts";

/** What each test of a file works with: doors on a state folder of its own, and a free port. */
export interface DoorTests {
  readonly bench: DoorBench;
  readonly port: number;
  /** Writes a file beside the state folder; its path. */
  writeText(name: string, text: string): string;
  /** Writes an answers file that the fixture's world takes, with some answers changed; its path. */
  writeAnswers(change?: object): string;
}

/**
 * Builds the doors of the fixture for a test file, and opens a bench for each test.
 * @param portsFrom ports are looked for above this one, so that files that run at the same time do not meet
 */
export function doorTests(portsFrom: number): DoorTests {
  let buildFolder: string;
  let bench: DoorBench;
  let port: number;
  test.beforeAll(async () => {
    buildFolder = await buildFixture();
  });
  test.afterAll(() => removeFixture());
  test.beforeEach(async () => {
    bench = openBench(buildFolder);
    port = (await freePortAbove(portsFrom + test.info().workerIndex * 100)) as number;
  });
  test.afterEach(() => bench.close());
  const writeText = (name: string, text: string) => {
    const file = join(bench.folder, name);
    writeFileSync(file, text);
    return file;
  };
  return {
    get bench() {
      return bench;
    },
    get port() {
      return port;
    },
    writeText,
    writeAnswers: (change = {}) =>
      writeText(
        "answers.json",
        JSON.stringify({
          checkout: { kind: "path", path: "/srv/rec_io" },
          person: { userId: "eva", fullName: "Eva Luator", email: "eva@example.com" },
          kalshi: { kind: "none" },
          ...change,
        }),
      ),
  };
}

/** stdout of a door with --json: exactly one object, or the test fails. */
export function only(stdout: string): Record<string, unknown> {
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
}
