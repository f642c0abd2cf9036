import type { Rung } from "../../runtime.ts";

/** The rungs of the ladder from below, with what each one says before it is climbed. */
export const rungTitles = {
  key: "The private key is one that REC.IO can use",
  "key-id": "The key id looks like one of Kalshi's",
  "self-test": "The key signs and verifies itself",
  host: "Kalshi is reachable",
  clock: "This machine's clock is right",
  exchange: "The exchange is open",
  accepted: "Kalshi accepts the key",
  rights: "The key may do what REC.IO does",
  markets: "Bitcoin markets have prices",
  funds: "Money lies where Bitcoin markets trade",
  websocket: "The live feed gives an order book",
} as const;
export type RungId = keyof typeof rungTitles | "other-environment";

/** What is found on a rung. */
export type Found = Omit<Rung, "id" | "tookMs">;

/** Keeps the rungs and tells a listener of each change. */
export interface Climb {
  rungs(): Rung[];
  /** Climbs one rung: "running" until `look` has found something. What it throws passes through. */
  climb<Gain>(id: RungId, title: string, look: () => Promise<{ found: Found; gain: Gain }>): Promise<Gain>;
  /** Says of a climbed rung what a later one has shown it to mean; its time stays. */
  restate(id: RungId, found: Found): void;
  /** The time is over: every rung that was not reached says so. Above a rung that did not hold, the others stay as they wait. */
  timeOver(): void;
}

export function climb(onChange: (rungs: Rung[]) => void): Climb {
  let rungs: Rung[] = Object.entries(rungTitles).map(([id, says]) => ({ id, says, level: "waiting" as const }));
  const put = (rung: Rung, before?: string) => {
    if (rungs.some(({ id }) => id === rung.id)) rungs = rungs.map((old) => (old.id === rung.id ? rung : old));
    else rungs = rungs.flatMap((old) => (old.id === before ? [rung, old] : [old]));
    onChange(rungs);
  };
  return {
    rungs: () => rungs,
    async climb(id, title, look) {
      put({ id, says: title, level: "running" }, "rights");
      const begun = performance.now();
      try {
        const { found, gain } = await look();
        put({ id, ...found, tookMs: Math.round(performance.now() - begun) });
        return gain;
      } catch (thrown) {
        put({ id, says: `${title}: not known.`, level: "unknown", tookMs: Math.round(performance.now() - begun) });
        throw thrown;
      }
    },
    restate(id, found) {
      const tookMs = rungs.find((rung) => rung.id === id)?.tookMs;
      put({ id, ...found, ...(tookMs === undefined ? {} : { tookMs }) });
    },
    timeOver() {
      rungs = rungs.map((rung) =>
        rung.level === "waiting" || rung.level === "running"
          ? { ...rung, says: `Not asked: ${rung.says}`, level: "unknown", detail: "The time was over." }
          : rung,
      );
      onChange(rungs);
    },
  };
}
