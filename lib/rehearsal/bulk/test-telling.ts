import { test } from "playwright/test";

/** What happened in a test, line by line: printed below the line of the test, and told with each failure. */
export interface Telling {
  say(line: string): void;
  text(): string;
}

export function telling(): Telling {
  const { annotations } = test.info();
  const lines: string[] = [];
  return {
    say(line) {
      lines.push(line);
      annotations.push({ type: "shows", description: line });
    },
    text: () => lines.join("\n"),
  };
}
