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

/** What a write that was killed leaves beside its file: names that only our own writing gives. */
const torn = [/^\..+\.[0-9a-f]{12}\.new$/, /\.\d+\.[0-9a-f]{8}$/, /\.\d+\.tmp$/];

function removeTorn(folder: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // A folder that is not there holds nothing.
  }
  for (const name of names.filter((one) => torn.some((form) => form.test(one)))) {
    rmSync(join(folder, name), { force: true });
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
    paths.keyIds,
    paths.moved,
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
    paths.backups,
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
    removeTorn(folder);
    removeIfEmpty(folder);
  }
  try {
    return readdirSync(paths.state).map((name) => join(paths.state, name));
  } catch {
    return [];
  }
}
