import type { HealthReport } from "../../../health/report.ts";
import type { DrillResult } from "../report.ts";
import type { KeyDrillGround } from "./key-change.ts";

const everyMs = 250;
/** What Kalshi does to a key is to be known within two minutes. */
const knownWithinMs = 120_000;
/** Kalshi's lowest tier: so many tokens a second for reading, ten a call (facts/kalshi.md section 3). */
const lowestTier = 200;
const tokensACall = 10;

type Row = HealthReport["probes"][number];

interface Told {
  name: string;
  /** What happens at Kalshi. */
  happens(): void;
  ends(): void;
  probe: string;
  says: RegExp;
  /** Whether the installation still counts as installed meanwhile. */
  installed: boolean;
}

async function until(ground: KeyDrillGround, holds: (status: number, row: Row | undefined) => boolean, probe: string) {
  const started = performance.now();
  while (performance.now() - started < knownWithinMs) {
    const { status, report } = await ground.health();
    const row = report.probes.find(({ id }) => id === probe);
    if (holds(status, row)) return { afterMs: Math.round(performance.now() - started), status, row };
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return undefined;
}

async function told(ground: KeyDrillGround, one: Told): Promise<DrillResult> {
  ground.say(`drill: ${one.name}`);
  one.happens();
  const known = await until(ground, (_status, row) => one.says.test(row?.says ?? ""), one.probe);
  const { status, report } = await ground.health();
  one.ends();
  const green = await until(ground, (now, row) => now === 200 && row?.level === "ok", one.probe);
  const asItMust = (status === 200) === one.installed;
  const others = report.probes.filter(
    ({ group, level, id }) => group === "Kalshi" && level !== "ok" && id !== one.probe,
  );
  return {
    name: one.name,
    held: known !== undefined && green !== undefined && asItMust,
    says: `${known?.row?.says ?? "It was not told."} /api/health answered ${status}. Beside it: ${others.map(({ id, level }) => `${id} ${level}`).join(", ") || "nothing"}.`,
    ...(known ? { noticedAfterMs: known.afterMs } : {}),
    ...(green ? { mendedAfterMs: green.afterMs } : {}),
  };
}

/** What our own questions cost the account, of everything that the stand-ins were sent since a moment. */
function costSince({ exchange }: KeyDrillGround, since: number): DrillResult {
  const until = Date.now();
  const ours = exchange.demo.requests.all().filter(({ at, from }) => at >= since && from === "setup");
  const bySecond = new Map<number, number>();
  for (const { at } of ours) bySecond.set(Math.floor(at / 1000), (bySecond.get(Math.floor(at / 1000)) ?? 0) + 1);
  const most = Math.max(0, ...bySecond.values()) * tokensACall;
  const seconds = Math.round((until - since) / 1000);
  const average = Math.round((ours.length * tokensACall * 10) / seconds) / 10;
  return {
    name: "what watching costs at Kalshi",
    held: ours.length > 0 && most <= lowestTier / 2 && ours.every(({ method }) => method === "GET"),
    says: `${ours.length} requests of ours in ${seconds} s, ${average} tokens a second; ${most} in the busiest second, of ${lowestTier} that the lowest tier has.`,
  };
}

/** A key that is revoked, a clock that drifts, an exchange that pauses or is down: each told by its name, in time. */
export async function kalshiIsWatched(
  ground: KeyDrillGround,
  keyId: string,
  publicKeyPem: string,
): Promise<DrillResult[]> {
  const { demo } = ground.exchange;
  const since = Date.now();
  const all: Told[] = [
    {
      name: "Kalshi revokes the key",
      happens: () => demo.revoke(keyId),
      ends: () => demo.register({ keyId, publicKeyPem }),
      probe: "kalshi-key-accepted",
      says: /no longer knows the demo key/,
      installed: false,
    },
    {
      name: "the clock drifts by 43 s",
      happens: () => demo.move({ clockAheadMs: 43_000 }),
      ends: () => demo.move({ clockAheadMs: 0 }),
      probe: "kalshi-clock",
      says: /4[234] s slow/,
      installed: false,
    },
    {
      name: "the exchange pauses",
      happens: () => demo.move({ exchange: "paused" }),
      ends: () => demo.move({ exchange: "open" }),
      probe: "kalshi-exchange",
      says: /pauses trading/,
      installed: true,
    },
    {
      name: "the exchange is down",
      happens: () => demo.move({ exchange: "down" }),
      ends: () => demo.move({ exchange: "open" }),
      probe: "kalshi-exchange",
      says: /The exchange is down/,
      installed: true,
    },
  ];
  const results: DrillResult[] = [];
  for (const one of all) results.push(await told(ground, one));
  return [...results, costSince(ground, since)];
}
