import type { Break } from "./break.ts";
import { allFifty } from "./data/all-fifty.ts";
import { deadFeeds } from "./data/dead-feeds.ts";
import { marketZeros } from "./data/market-zeros.ts";
import { strikeTableEmpty } from "./data/strike-table-empty.ts";
import { strikeTableStale } from "./data/strike-table-stale.ts";
import { constantHealth } from "./database/constant-health.ts";
import { databaseOff } from "./database/database-off.ts";
import { errorInside } from "./database/error-inside.ts";
import { failedStatements } from "./database/failed-statements.ts";
import { silentDefaults } from "./database/silent-defaults.ts";
import { wrongSchema } from "./database/wrong-schema.ts";
import { falseAlarm } from "./programs/false-alarm.ts";
import { listWith503 } from "./programs/list-with-503.ts";
import { programDown } from "./programs/program-down.ts";
import { programHalted } from "./programs/program-halted.ts";
import { scriptMissing } from "./programs/script-missing.ts";
import { adminAdmin } from "./safety/admin-admin.ts";
import { autoEntryArmed } from "./safety/auto-entry-armed.ts";
import { autoEntryAsked } from "./safety/auto-entry-asked.ts";
import { passwordInClear } from "./safety/password-in-clear.ts";

/** Every switch, in the order of the panel: what is seen most clearly comes first. */
export const allBreaks: readonly Break[] = [
  allFifty,
  wrongSchema,
  errorInside,
  silentDefaults,
  listWith503,
  constantHealth,
  failedStatements,
  strikeTableStale,
  strikeTableEmpty,
  marketZeros,
  scriptMissing,
  deadFeeds,
  falseAlarm,
  programDown,
  programHalted,
  databaseOff,
  autoEntryArmed,
  autoEntryAsked,
  adminAdmin,
  passwordInClear,
];
