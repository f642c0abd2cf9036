import { type ZipEntry, zipOf } from "./zip.ts";

/** Per cent of a move; 1.70 does not exist in REC.IO's fingerprints, so it does not exist here. */
const moves = Array.from({ length: 41 }, (_, index) => index * 5)
  .filter((hundredths) => hundredths !== 170)
  .map((hundredths) => hundredths / 100);
const minutes = Array.from({ length: 60 }, (_, index) => index + 1);

/** A plausible chance, in per cent, that the price moves at least `move` per cent within `minute` minutes. */
function chance(minute: number, move: number, bucket: number, up: boolean): number {
  const spread = 0.045 * Math.sqrt(minute) * (1 + Math.abs(bucket) / 60);
  const lean = 1 + ((up ? 1 : -1) * bucket) / 150;
  return Math.min(100, 50 * lean * Math.exp(-((move / spread) ** 1.15)));
}

/** The CSV of one bucket, in the shape of REC.IO's: a row a minute, a column a move up and down. */
export function fingerprintCsv(bucket: number): string {
  const header = ["", ...moves.flatMap((move) => [`>= +${move.toFixed(2)}%`, `<= -${move.toFixed(2)}%`])];
  const rows = minutes.map((minute) => {
    const cells = moves.flatMap((move) => [chance(minute, move, bucket, true), chance(minute, move, bucket, false)]);
    return [`${minute}m TTC`, ...cells.map((cell) => String(Math.round(cell * 100) / 100))].join(",");
  });
  return [header.join(","), ...rows, ""].join("\n");
}

/** "-30" … "-01", "000" … "030", as REC.IO's file names say it. */
function bucketName(bucket: number): string {
  return bucket < 0 ? `-${String(-bucket).padStart(2, "0")}` : String(bucket).padStart(3, "0");
}

/** The entries of an archive: sixty-one buckets and the baseline. */
export function fingerprintEntries(): ZipEntry[] {
  const momentum = Array.from({ length: 61 }, (_, index) => index - 30);
  return [
    { name: "btc_fingerprint_directional_baseline.csv", content: Buffer.from(fingerprintCsv(0)) },
    ...momentum.map((bucket) => ({
      name: `btc_fingerprint_directional_momentum_${bucketName(bucket)}.csv`,
      content: Buffer.from(fingerprintCsv(bucket)),
    })),
  ];
}

/** A BTC fingerprint archive by formula: the same bytes every time. */
export function fingerprintArchive(): Buffer {
  return zipOf(fingerprintEntries());
}
