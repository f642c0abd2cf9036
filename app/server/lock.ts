import type { LockSeen } from "../../components/health/contract.ts";
import { runtime } from "../../lib/runtime.ts";

/** The order lock: whole for a session, its mode alone for whoever only looks. */
export async function lock(session: boolean): Promise<LockSeen> {
  const trading = await runtime().trading();
  return session ? trading : { mode: trading.mode, intact: trading.intact };
}
