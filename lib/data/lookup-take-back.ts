import type { Job } from "../engine/step.ts";
import { quoteName } from "../postgres/identifier.ts";
import { nothingThereYet } from "../postgres/roles/administrator.ts";
import { Problem, sentence } from "../problem.ts";
import type { LookupReceipt, LookupWorld } from "./lookup-build.ts";
import { fullGrid, knownPoints } from "./lookup-grid.ts";
import { forgetLookupRecord, readLookupRecord, sampleHash } from "./lookup-record.ts";
import {
  asApp,
  buildingName,
  builtFrom,
  comment,
  lookAtLookup,
  lookupName,
  lookupTable,
  readPoints,
  rename,
  withTableAlone,
} from "./lookup-table.ts";

/** Takes back what one receipt says, and only while the table is still the one that was built. */
export async function takeLookupBack(
  world: LookupWorld,
  receipt: LookupReceipt,
  job: Job<LookupReceipt>,
): Promise<void> {
  // A cluster that was ours and is gone took the table with it.
  if (receipt.kind === "recorded" || (await nothingThereYet(world.postgres))) return forgetLookupRecord(world);
  await withTableAlone(world.postgres, job.signal, async (session) => {
    await session.query(`DROP TABLE IF EXISTS ${quoteName("analytics", buildingName)}`);
  });
  if (receipt.kind === "building") return;
  const shape = await lookAtLookup(asApp(world.postgres, job.signal));
  // The process died between the receipt and the exchange: the earlier table was never touched. Or it died while this
  // was taken back: then the table is gone already, and its record is the rest.
  if (builtFrom(shape?.comment ?? null)?.checksum !== receipt.checksum && !(await keptIsThere(world, receipt))) {
    const isOfThisBuild = (await readLookupRecord(world))?.checksum === receipt.checksum;
    if (isOfThisBuild) await forgetLookupRecord(world);
    return;
  }
  await assertStillOurs(world, receipt);
  await withTableAlone(world.postgres, job.signal, async (session) => {
    if (receipt.kept) {
      await session.query(`DROP TABLE ${lookupTable}`);
      await rename(session, receipt.kept, lookupName);
    } else if (receipt.tableBefore) {
      await session.query(`TRUNCATE ${lookupTable}`);
      await comment(session, lookupName, null);
    } else await session.query(`DROP TABLE ${lookupTable}`);
  });
  await forgetLookupRecord(world);
}

async function keptIsThere(world: LookupWorld, receipt: LookupReceipt): Promise<boolean> {
  return receipt.kept !== undefined && (await lookAtLookup(asApp(world.postgres), receipt.kept)) !== undefined;
}

/** @throws Problem `data.lookup-changed-since` where the table or one of its known points is no longer as it was built. */
async function assertStillOurs(world: LookupWorld, receipt: LookupReceipt): Promise<void> {
  const session = asApp(world.postgres);
  const shape = await lookAtLookup(session);
  if (builtFrom(shape?.comment ?? null)?.checksum === receipt.checksum) {
    const [any] = await session.query(`SELECT 1 FROM ${lookupTable} LIMIT 1`);
    if (!any) return;
    const values = await readPoints(session, knownPoints(receipt.grid ?? fullGrid));
    if (sampleHash(values) === receipt.sample) return;
  }
  throw new Problem({
    code: "data.lookup-changed-since",
    says: `${lookupTable} is not as it was built, so it stays.`,
    remedy: sentence(`Drop ${lookupTable} by hand if nobody needs its rows.`),
  });
}
