import { join } from "node:path";
import { localMachine } from "../machine/local-machine.ts";
import { projectRoot, type StatePaths, statePaths } from "../paths.ts";
import { Problem, sentence } from "../problem.ts";
import { askServer } from "../server/control/control-client.ts";
import { freePortAbove, portIsFree } from "../server/port-choice.ts";
import { startServer } from "../server/start-server.ts";
import { readServerRecord } from "../server/state/server-record.ts";
import { defaultPorts, type Settings } from "../settings.ts";

/** The state folder of the rehearsal that stands beside a real installation's. Pure. */
export function rehearsalState({ state }: Pick<StatePaths, "state">): string {
  return `${state}-rehearsal`;
}

/**
 * Opens the rehearsal beside a real page: finds its server or starts one with its own state and port, and gets a code.
 * A second or two. Returns the link that lets one browser in.
 * @throws Problem where no port is free or the server does not start.
 */
export async function openRehearsal(settings: Settings, real: StatePaths, version: string): Promise<{ link: string }> {
  const paths = statePaths(rehearsalState(real));
  let status = await askServer(paths.controlSocket, "status", {}, { timeoutMs: 5_000 });
  if (!status?.ready) {
    const wanted = readServerRecord(paths.server)?.port ?? defaultPorts.rehearsal;
    const port = (await portIsFree(wanted)) ? wanted : await freePortAbove(wanted);
    if (port === undefined)
      throw new Problem({
        code: "server.port-taken",
        says: `No port from ${wanted} to ${wanted + 100} is free for the rehearsal's page.`,
        remedy: sentence("Start it with npm run setup -- --rehearsal --port and a free port."),
      });
    const build = join(projectRoot(), ".build", version);
    status = await startServer(settings, build, { state: paths.state, kind: "rehearsal", port, version, dev: false });
  }
  const minted = await askServer(paths.controlSocket, "mint-code", {}, { timeoutMs: 5_000 });
  if (minted) return { link: `http://localhost:${status.port}/#code=${minted.code}` };
  throw new Problem({
    code: "rehearsal.went-away",
    says: "The rehearsal's server has ended meanwhile.",
    remedy: sentence("Try once more."),
  });
}

/**
 * Begins to leave a rehearsal: the uninstall door as a process of its own, because this server ends with it. Returns at
 * once; nothing of the rehearsal is left some seconds later.
 */
export async function beginLeaving({ state }: StatePaths): Promise<void> {
  const args = [join(projectRoot(), "setup.cjs"), "uninstall", "--rehearsal", `--state=${state}`, "--yes"];
  await localMachine({ stateFolder: state }).startDetached(process.execPath, args, {
    cwd: projectRoot(),
    // It may write nowhere in the folder that it removes.
    logFile: "/dev/null",
  });
}
