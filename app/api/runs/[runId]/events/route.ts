import { runtime } from "../../../../../lib/runtime.ts";
import { json, reading } from "../../../../server/json.ts";
import { eventStream } from "../../../../server/stream.ts";

/** Where the browser stands: what it saw before the line broke, else what its page was painted with. */
function seenBy(request: Request): number {
  const said = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("after");
  const seq = Number(said ?? 0);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : 0;
}

/** A run's events after those that the browser has: replayed, then followed. 204 ends it: finished, and fully seen. */
export async function GET(request: Request, { params }: { params: Promise<{ runId: string }> }): Promise<Response> {
  return reading(request, async () => {
    const { runId } = await params;
    const seen = seenBy(request);
    const state = await runtime().runState(runId);
    if (!state) return json({ problem: { code: "run.unknown", says: "There is no such run." } }, 404);
    if (state.finishedAt !== undefined && state.lastSeq <= seen) return new Response(null, { status: 204 });
    return eventStream(request.signal, ({ send }) =>
      runtime().followRun(runId, seen, (stamped) => send(stamped, stamped.seq)),
    );
  });
}
