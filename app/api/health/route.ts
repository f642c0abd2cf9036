import { runtime } from "../../../lib/runtime.ts";
import { json } from "../../server/json.ts";

/** The health report: 200 exactly when installed, else 503. Needs no session, and carries no personal data. */
export function GET(): Response {
  const report = runtime().health();
  return json(report, report.installed ? 200 : 503);
}
