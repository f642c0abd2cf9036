import { runtime } from "../../../lib/runtime.ts";
import { isReaderOf } from "../../../lib/server/session.ts";
import { json } from "../../server/json.ts";

/** The health report: 200 exactly when installed, else 503. Needs no session, and then carries no personal data. */
export function GET(request: Request): Response {
  const report = runtime().health(isReaderOf(request) ? "owner" : "anybody");
  return json(report, report.installed ? 200 : 503);
}
