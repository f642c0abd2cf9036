import { runtime } from "../../../../lib/runtime.ts";
import { json, reading } from "../../../server/json.ts";

/** What the repair by one step would change now, and the hash to consent to. Reads only. */
export async function GET(request: Request, { params }: { params: Promise<{ stepId: string }> }): Promise<Response> {
  return reading(request, async () => json({ plan: await runtime().describeRepair((await params).stepId) }));
}
