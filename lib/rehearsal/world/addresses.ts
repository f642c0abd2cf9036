import type { Machine } from "../../machine/machine.ts";
import type { StatePaths } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Settings } from "../../settings.ts";
import { rehearsalPlaces } from "./places.ts";
import { rehearsalSettings } from "./prepare.ts";
import { knownChoice } from "./record.ts";

/**
 * The settings that lead into the rehearsal of this state, for a door that only asks its exchange and makes nothing.
 * @throws Problem `rehearsal.not-there`
 */
export async function rehearsalAddresses(
  settings: Settings,
  paths: StatePaths,
  machine: Pick<Machine, "files">,
): Promise<Settings> {
  const record = await knownChoice(machine, rehearsalPlaces(paths));
  if (record) return rehearsalSettings(settings, record);
  throw new Problem({
    code: "rehearsal.not-there",
    says: "There is no rehearsal here, and so no exchange of its own to ask.",
    remedy: sentence("Begin one with npm run setup -- --rehearsal."),
  });
}
