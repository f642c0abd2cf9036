import { join } from "node:path";
import { z } from "zod";
import { type HookRecord, hookFiles, shippedHookFile, shownAccountMode } from "../../checkout/hook/hook-files.ts";
import { systemInterpreter } from "../../checkout/python/find-python.ts";
import type { Step } from "../../engine/step.ts";
import { step } from "../../engine/step.ts";
import { hookProbes } from "../../health/probes/services/hook.ts";
import { spokenEnvironment } from "../../kalshi/ladder/outcomes.ts";
import { projectRoot } from "../../paths.ts";
import { Problem, repairedBy } from "../../problem.ts";
import { daemonEnvironment, hookLiveFolder, probedShims, type ShimName } from "../../supervisor/program-environment.ts";
import { makeProgramsFolder, programsGetOwnUser } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Needs = Pick<World, "machine" | "checkout">;

const need = z.enum(["needed", "not needed", "absent"]);
const needs = z.object({ "websockets-additional-headers": need, "fastapi-lifespan": need });

/**
 * Asks the programs' interpreter, without the hook, which shims it needs: each defect is shown by doing the thing.
 * Before the environment is made the system's interpreter is asked in its place, which behaves as it will; one that pip is still to fill cannot
 * be asked, and answers with none.
 * @throws Problem `hook.interpreter-not-usable`
 */
export async function neededShims(
  { machine, checkout }: Needs,
  signal: AbortSignal,
  packages: Answers["python"]["packages"] = "system",
): Promise<ShimName[]> {
  const made = (await machine.files.realPath(checkout.python)) !== undefined;
  if (!made && packages === "pip") return [];
  const check = join(projectRoot(), "lib/checkout/hook/check.py");
  const python = made ? checkout.python : await systemInterpreter(machine);
  const { stdout, stderr, code } = await machine.exec(python, [check, "needed"], {
    cwd: "/",
    env: { ...daemonEnvironment(), PYTHONDONTWRITEBYTECODE: "1" },
    signal,
    timeoutMs: 60_000,
  });
  try {
    const answer = needs.parse(JSON.parse(stdout));
    return probedShims.filter((name) => answer[name] === "needed");
  } catch {
    throw new Problem({
      code: "hook.interpreter-not-usable",
      says: "REC.IO's interpreter cannot be asked which shims it needs.",
      remedy: repairedBy("create-python-environment", "Create the Python environment again"),
      evidence: { asked: "check.py needed", cameBack: stderr.trim().split("\n").at(-1) || `exit status ${code}` },
    });
  }
}

/** The shims that are in use for these answers: those that are needed, and what the person chose. @throws as above */
export async function shimsFor(world: Needs, answers: Answers, signal: AbortSignal): Promise<ShimName[]> {
  const chosen: ShimName[] = answers.consent.translateKalshi ? ["kalshi-today"] : [];
  return [...(await neededShims(world, signal, answers.python.packages)), ...chosen];
}

/** What this step made below the state folder. */
type Receipt = { folders: string[]; files?: string[] };

/** Puts the hook where every program finds it first, and says which account mode REC.IO is shown. */
export function installHook(answers: Answers): Step<keyof World, Receipt> {
  return step<keyof World, Receipt>({
    id: "install-hook",
    title: "Install the start-up hook",
    why: "The checkout names its database, its password and every network address in its source. The hook puts this installation's in their place, keeps new orders back and needs no change in the checkout.",
    probes: hookProbes(answers),
    async describe(world) {
      const { paths } = world;
      const own = await programsGetOwnUser(world);
      const [folderMode, fileMode] = own ? ["0750, the programs' group may read it", "0640"] : ["0700", "0600"];
      return [
        { what: "folder", target: paths.hook, detail: folderMode },
        ...hookFiles.map((file) => ({ what: "file" as const, target: join(paths.hook, file), detail: fileMode })),
        {
          what: "file",
          target: paths.hookSettings,
          detail: `0600, shims that are found to be needed, of: ${probedShims.join(", ")}${answers.consent.translateKalshi ? "; and kalshi-today, as chosen" : ""}`,
        },
        {
          what: "file",
          target: paths.accountMode,
          detail: `0600, the account mode: ${spokenEnvironment(answers.kalshi.environment)}`,
        },
        { what: "folder", target: paths.askedHosts, detail: "0700, which of Kalshi's hosts each program asked" },
      ];
    },
    async run(world, job) {
      const { machine, paths } = world;
      const receipt = { folders: [paths.hook, hookLiveFolder(paths), paths.askedHosts], files: [paths.accountMode] };
      await job.spent(receipt);
      const programs = await makeProgramsFolder(world);
      // The hook is ours and the programs only read it; what it leaves word in is theirs.
      const reader = programs && { uid: 0, gid: programs.gid };
      const [folderMode, fileMode] = reader ? [0o750, 0o640] : [0o700, 0o600];
      for (const folder of [paths.hook, join(paths.hook, "rec_hook")]) {
        await machine.files.makeFolder(folder, folderMode);
        if (reader) await machine.files.setOwner(folder, reader.uid, reader.gid);
        await machine.files.setMode(folder, folderMode);
      }
      for (const folder of [hookLiveFolder(paths), paths.askedHosts])
        await machine.files.makeFolder(folder, 0o700, programs);
      for (const file of hookFiles) {
        const place = join(paths.hook, file);
        await machine.files.write(place, await shippedHookFile(machine, file), fileMode, reader);
      }
      const accountMode = answers.kalshi.environment;
      // Its age tells which programs began under another mode, so it is left alone where it says so already.
      if ((await shownAccountMode(machine, paths)) !== accountMode)
        await machine.files.write(paths.accountMode, `${JSON.stringify({ mode: accountMode })}\n`, 0o600, programs);
      const shims = await shimsFor(world, answers, job.signal);
      const record: HookRecord = { shims, accountMode };
      await machine.files.write(paths.hookSettings, `${JSON.stringify(record)}\n`, 0o600);
      job.log(shims.length > 0 ? `Shims in use: ${shims.join(", ")}.` : "No shim is needed.");
      return receipt;
    },
    undo: {
      async takeBack({ machine }, { folders, files = [] }, job) {
        for (const file of files) await machine.files.remove(file);
        for (const folder of folders) {
          await machine.files.removeTree(folder);
          job.log(`${folder} is removed.`);
        }
      },
    },
  });
}
