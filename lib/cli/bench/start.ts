import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot, statePaths } from "../../paths.ts";
import { freePortAbove } from "../../server/port-choice.ts";
import { childEnvironment } from "../../settings.ts";
import { type PageWeight, weigh } from "./page-weight.ts";

/** One start of the page, in milliseconds. */
interface Round {
  /** From the command to the printed link. */
  linkMs: number;
  /** From the server's process to "ready", as its log says. */
  readyMs: number;
  /** The first page of this server's life, and the second. */
  firstPageMs: number;
  nextPageMs: number;
  /** `npm run stop`, the command included. */
  stopMs: number;
}

export interface StartFigures {
  rounds: number;
  /** Medians. */
  ms: Round & { emptyNode: number };
  ratios: { linkToEmptyNode: number; firstToNextPage: number };
  javascript: { withoutSession: PageWeight; withSession: PageWeight };
}

const rounds = 5;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const round1 = (value: number) => Math.round(value * 10) / 10;

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const started = performance.now();
  const value = await work();
  return { ms: round1(performance.now() - started), value };
}

async function door(machine: Machine, state: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await machine.exec(
    process.execPath,
    [join(projectRoot(), "setup.cjs"), ...args, "--state", state, "--json"],
    { cwd: projectRoot(), env: childEnvironment() },
  );
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${stdout}${stderr.slice(-500)}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A session as the browser gets one: the code of the link for a cookie. */
async function cookieFor(link: string): Promise<string> {
  const { origin, hash } = new URL(link);
  const answer = await fetch(`${origin}/api/session`, {
    method: "POST",
    headers: { Origin: origin },
    body: JSON.stringify({ code: hash.slice("#code=".length) }),
  });
  if (!answer.ok) throw new Error(`the code was not taken: ${answer.status}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** Starts the page on a fresh state again and again, and weighs what a browser has to fetch. */
export async function benchStart(say: (line: string) => void): Promise<StartFigures> {
  const folder = join(tmpdir(), `rec-io-bench-${randomBytes(4).toString("hex")}`);
  const machine = localMachine({ stateFolder: folder });
  const measured: Round[] = [];
  let javascript: StartFigures["javascript"] | undefined;
  await machine.files.makeFolder(folder, 0o700);
  try {
    for (let number = 0; number < rounds; number++) {
      const state = join(folder, `state-${number}`);
      const port = String((await freePortAbove(24_000)) ?? 24_000);
      const start = await timed(() => door(machine, state, "start", "--port", port));
      const url = String(start.value.url);
      const page = () => timed(async () => (await fetch(url)).text());
      const [first, next] = [await page(), await page()];
      if (number === 0) {
        const cookie = await cookieFor(String(start.value.link));
        javascript = { withoutSession: await weigh(url, {}), withSession: await weigh(url, { Cookie: cookie }) };
      }
      const log = (await machine.files.read(statePaths(state).serverLog)) ?? "";
      const stop = await timed(() => door(machine, state, "stop"));
      measured.push({
        linkMs: start.ms,
        readyMs: Number(/after (\d+) ms/.exec(log)?.[1]),
        firstPageMs: first.ms,
        nextPageMs: next.ms,
        stopMs: stop.ms,
      });
      say(`round ${number + 1}: ${JSON.stringify(measured.at(-1))}`);
    }
    const empty: number[] = [];
    for (let number = 0; number < rounds; number++)
      empty.push((await timed(() => machine.exec(process.execPath, ["-e", "0"]))).ms);
    if (!javascript) throw new Error("nothing was weighed");
    const of = (name: keyof Round) => median(measured.map((round) => round[name]));
    const ms = {
      linkMs: of("linkMs"),
      readyMs: of("readyMs"),
      firstPageMs: of("firstPageMs"),
      nextPageMs: of("nextPageMs"),
      stopMs: of("stopMs"),
      emptyNode: median(empty),
    };
    return {
      rounds,
      ms,
      ratios: {
        linkToEmptyNode: round1(ms.linkMs / ms.emptyNode),
        firstToNextPage: round1(ms.firstPageMs / ms.nextPageMs),
      },
      javascript,
    };
  } finally {
    await machine.files.removeTree(folder, tmpdir());
  }
}
