import { day } from "../../../server/day.ts";
import { json } from "../../../server/json.ts";

/** The trace of the health page. Groups and levels only, so it needs no session either. */
export async function GET(): Promise<Response> {
  return json(await day());
}
