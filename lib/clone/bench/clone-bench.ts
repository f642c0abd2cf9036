import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Ground, makeGround, median } from "./ground.ts";
import { ourClone, ourLoad } from "./ours.ts";
import { isBig, psqlPipes, rival } from "./rivals.ts";
import { slowLink } from "./slow-link.ts";

/** Ratios by what they are against, in groups that are measured together, in turns. */
const groups = {
  load: ["psqlPipe", "psqlPipeBig"],
  whole: ["pgcopydb", "pgDump", "installScript"],
  wan: ["wanWire", "wanPgDump"],
} as const;
export type Group = keyof typeof groups;
export const groupNames = Object.keys(groups) as Group[];

/** What `npm run bench -- clone --json` prints. Ratios above one: we are faster. */
export interface CloneFigures {
  scale: number;
  tables: number;
  rows: number;
  /** On the source's disk, without indexes. */
  bytes: number;
  rounds: number;
  /** Median seconds by name. */
  seconds: Record<string, number>;
  /** Medians of the rounds' ratios. */
  ratios: Record<string, number>;
  /** Every round's ratio. */
  spread: Record<string, number[]>;
  /** Median error of the time that was said to be left on the slow link, after the first fifth: a part of the truth. */
  etaError?: number;
  /** The most that this process held while it copied, in millions of bytes. */
  memoryMb: number;
  /** The longest that its event loop was held up while it copied. */
  loopDelayMs: number;
}

/** The slow link: 100 Mbit/s, 40 ms there and back. */
const wan = { bytesPerSecond: 12_500_000, roundTripMs: 40 };

const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** Seconds of each turn by name, round by round; and what this process needed while it was its turn. */
class Turns {
  readonly seconds: Record<string, number[]> = {};
  readonly etaErrors: number[] = [];
  readonly #say: (line: string) => void;
  #memory = 0;
  #delay = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  note(name: string, value: number): void {
    this.seconds[name] = [...(this.seconds[name] ?? []), value];
    this.#say(`${name}: ${value.toFixed(2)} s`);
  }

  /** A turn of ours: watched while it runs. */
  async watched<T>(work: () => Promise<T>): Promise<T> {
    const watch = setInterval(() => {
      this.#memory = Math.max(this.#memory, process.memoryUsage.rss());
    }, 50);
    // One of its own each time: what lies between two turns would else count as a delay.
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    try {
      return await work();
    } finally {
      delay.disable();
      this.#delay = Math.max(this.#delay, delay.max);
      clearInterval(watch);
    }
  }

  get memoryMb(): number {
    return Math.round(this.#memory / 1e6);
  }

  get loopDelayMs(): number {
    return Math.round(this.#delay / 1e6);
  }
}

const all = () => true;

async function round(ground: Ground, wanted: readonly Group[], turns: Turns): Promise<void> {
  const turn = async (name: string, work: () => Promise<number>): Promise<void> => {
    await ground.freshTarget();
    turns.note(name, await work());
  };
  if (wanted.includes("load")) {
    await turn("load", () => turns.watched(() => ourLoad(ground, all)));
    await turn("psqlPipe", () => psqlPipes(ground, all));
    await turn("loadBig", () => turns.watched(() => ourLoad(ground, isBig)));
    await turn("psqlPipeBig", () => psqlPipes(ground, isBig));
  }
  if (wanted.includes("whole")) {
    await turn("whole", async () => (await turns.watched(() => ourClone(ground, "whole"))).seconds);
    for (const name of ["pgDump", "pgcopydb", "installScript"] as const)
      await turn(name, () => rival(name, ground, "whole"));
  }
  if (wanted.includes("wan")) {
    const link = await slowLink(ground.source.port, wan.bytesPerSecond, wan.roundTripMs);
    try {
      await turn("wan", async () => {
        const { seconds, etaError } = await ourClone(ground, "thin", link.port);
        turns.etaErrors.push(etaError);
        return seconds;
      });
      turns.note("wanWire", link.passed() / wan.bytesPerSecond);
      await turn("wanPgDump", () => rival("wanPgDump", ground, "thin", link.port));
    } finally {
      await link.close();
    }
  }
}

/**
 * Measures a clone against the tools that do the same, everything in turns, so that what else the machine does falls on
 * all alike.
 * @param wanted groups of ratios: `load`, `whole`, `wan`
 */
export async function benchClone(
  rounds: number,
  scale: number,
  wanted: readonly Group[],
  say: (line: string) => void,
): Promise<CloneFigures> {
  const ground = await makeGround(scale, say);
  const turns = new Turns(say);
  try {
    for (let done = 0; done < rounds; done++) await round(ground, wanted, turns);
  } finally {
    await ground.close();
  }
  const own = {
    psqlPipe: "load",
    psqlPipeBig: "loadBig",
    pgcopydb: "whole",
    pgDump: "whole",
    installScript: "whole",
    wanWire: "wan",
    wanPgDump: "wan",
  } as const;
  const spread = Object.fromEntries(
    wanted.flatMap((group) =>
      groups[group].map((name) => [
        name,
        (turns.seconds[name] ?? []).map((theirs, at) =>
          rounded(theirs / (turns.seconds[own[name]]?.[at] ?? Number.NaN)),
        ),
      ]),
    ),
  );
  return {
    scale,
    tables: ground.tables.length,
    rows: ground.tables.reduce((sum, table) => sum + table.rows, 0),
    bytes: ground.bytes,
    rounds,
    seconds: Object.fromEntries(Object.entries(turns.seconds).map(([name, values]) => [name, rounded(median(values))])),
    ratios: Object.fromEntries(Object.entries(spread).map(([name, values]) => [name, median(values)])),
    spread,
    ...(turns.etaErrors.length > 0 ? { etaError: rounded(median(turns.etaErrors)) } : {}),
    memoryMb: turns.memoryMb,
    loopDelayMs: turns.loopDelayMs,
  };
}
