import { runtime } from "../../../lib/runtime.ts";
import { json, reading } from "../../server/json.ts";
import { breaks } from "../../server/rehearsal.ts";

/** The switches of the break panel as they stand. */
export async function GET(request: Request): Promise<Response> {
  return reading(request, async () => json({ breaks: await breaks(runtime()).states() }));
}
