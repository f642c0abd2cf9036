import { join } from "node:path";
import type { Checkout } from "./checkout.ts";

/** The one user that REC.IO has: `_0001` stands in its code (facts/recio-contract.md section 2.2). */
export const userFolder = "backend/data/users/user_0001";

/** Folders of the person, which REC.IO would make readable for everybody (backend/util/paths.py:98). Outermost first. */
export const privateFolders: readonly string[] = [
  "backend/data/users",
  userFolder,
  `${userFolder}/accounts`,
  `${userFolder}/active_trades`,
  `${userFolder}/credentials`,
  `${userFolder}/credentials/kalshi-credentials`,
  `${userFolder}/credentials/kalshi-credentials/demo`,
  `${userFolder}/credentials/kalshi-credentials/prod`,
  `${userFolder}/preferences`,
  `${userFolder}/trade_history`,
];

/** Folders that REC.IO would make as well, for what is nobody's secret. Outermost first. */
export const workingFolders: readonly string[] = [
  "backend/data/live_data",
  "backend/data/live_data/markets",
  "backend/data/live_data/markets/kalshi",
  "backend/data/live_data/price_history",
  "backend/data/live_data/price_history/btc",
  "logs",
];

/** Files that REC.IO's programs write by themselves, relative to the root. What they hold, they make again. */
const written = [
  /^logs\/[^/]+\.log(\.\d+)?$/,
  /^backend\/data\/live_data\/price_history\/btc\/\w+_heartbeat_\w+\.txt$/,
  /^backend\/data\/users\/user_0001\/(auth_tokens|device_tokens)\.json$/,
  /^backend\/data\/users\/user_0001\/preferences\/auto_entry_settings\.json$/,
  /(^|\/)__pycache__\/[^/]+\.pyc$/,
];

/** True for a file that REC.IO's programs write while they run: it may go when the installation goes. Pure. */
export function isWrittenByRecio(path: string): boolean {
  return written.some((pattern) => pattern.test(path));
}

/** The profile's file, which main_app falls back to when the database cannot be asked (main.py:545). */
export function userInfoFile(checkout: Pick<Checkout, "root">): string {
  return join(checkout.root, userFolder, "user_info.json");
}
