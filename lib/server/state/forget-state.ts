import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StatePaths } from "../../paths.ts";
import { forgetLink } from "../open-browser.ts";

/** Removes an empty folder; one that holds something, or is not there, stays as it is. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(code)) throw error;
  }
}

/**
 * Removes what the product itself wrote into a state folder after everything else was taken back: the last thing that an
 * uninstall does. Folders go only where they are empty by then, so nothing is removed that the receipts do not name.
 * Returns what is left there, as paths.
 */
export function forgetState(paths: StatePaths): string[] {
  forgetLink(paths.state);
  for (const file of [
    paths.session,
    paths.draft,
    paths.installation,
    paths.installedCheckout,
    paths.evidence,
    paths.history,
    paths.server,
    paths.serverLog,
    paths.controlSocket,
    paths.lock,
  ]) {
    rmSync(file, { force: true });
  }
  rmSync(paths.runs, { recursive: true, force: true });
  for (const folder of [
    paths.programLogs,
    paths.supervisor,
    paths.secrets,
    paths.hook,
    paths.askedHosts,
    paths.programs,
    paths.postgresSocket,
    dirname(paths.postgresData),
    paths.state,
  ]) {
    removeIfEmpty(folder);
  }
  try {
    return readdirSync(paths.state).map((name) => join(paths.state, name));
  } catch {
    return [];
  }
}
