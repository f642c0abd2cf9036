import { readFileSync, writeSync } from "node:fs";
import pg from "pg";
import { z } from "zod";
import { clone, inspect } from "../clone.ts";
import { quiet } from "../test-ends.ts";

/** What a copy that is to die is told on its standard input. */
const told = z.object({ source: z.string(), target: z.string(), sourceName: z.string() });

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Written at once: what was said before a kill has been said. */
function say(word: string, what = ""): void {
  writeSync(1, `${word} ${what}\n`);
}

async function copy(): Promise<void> {
  const { source, target, sourceName } = told.parse(JSON.parse(readFileSync(0, "utf8")));
  const ends = { source: () => open(source), target: () => open(target) };
  say("began");
  const inspected = await inspect(ends, sourceName);
  const sent = new Set<string>();
  const end = await clone(
    inspected,
    quiet(ends, {
      sourceName,
      progress: (_, event) => {
        if (event.kind === "bytes" && !sent.has(event.table)) {
          sent.add(event.table);
          say("sent", event.table);
        }
        // From its beginning: what comes of it now is sent a second time, and it was not finished.
        if (event.kind === "again") sent.delete(event.table);
        if (event.kind === "done") say("done", event.table);
      },
    }),
  );
  say("end", JSON.stringify({ failed: end.failed, snapshots: end.snapshots.length }));
}

copy().catch((thrown: unknown) => {
  say("problem", thrown instanceof Error ? thrown.message : String(thrown));
  process.exit(1);
});
