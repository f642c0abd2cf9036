import { HealthView } from "../../components/health/health-view.tsx";
import { runtime } from "../../lib/runtime.ts";
import { isReader } from "../../lib/server/session.ts";
import { breakIt } from "../rehearsal/actions.ts";
import { describeRepair, repair } from "../runs/actions.ts";
import { day } from "../server/day.ts";
import { lock as lockSeen } from "../server/lock.ts";
import { place } from "../server/place.ts";
import { confirmMove, lock, lookAgain, release } from "./actions.ts";

export const metadata = { title: "Health · REC.IO Setup" };

/** The health page; without a session the same findings as a board to read. */
export default async function Page() {
  const session = await isReader();
  const [where, history, held] = await Promise.all([
    place(),
    day(),
    lockSeen(session).catch((): Awaited<ReturnType<typeof lockSeen>> => ({ mode: "absent", intact: false })),
  ]);
  return (
    <HealthView
      place={where}
      painted={runtime().health(session ? "owner" : "anybody")}
      day={history}
      lock={held}
      {...(session && runtime().breaks ? { breaks: { breakIt, describeRepair } } : {})}
      {...(session ? { actions: { describeRepair, repair, lookAgain, lock, release, confirmMove } } : {})}
    />
  );
}
