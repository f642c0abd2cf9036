import { isReaderOf } from "../../../lib/server/session.ts";
import { shown } from "../../server/answering.ts";
import { json } from "../../server/json.ts";
import { lock } from "../../server/lock.ts";

/** The state of the order lock, as much of it as the asker may see. */
export async function GET(request: Request): Promise<Response> {
  try {
    return json(await lock(isReaderOf(request)));
  } catch (thrown) {
    return json({ problem: shown(thrown) }, 422);
  }
}
