import { dirname, join } from "node:path";
import { shimsInUse } from "../checkout/hook/hook-files.ts";
import { Problem, repairedBy } from "../problem.ts";
import type { World } from "../world.ts";
import { renderConfiguration } from "./configuration/configuration.ts";
import { programEnvironment, trustOf } from "./program-environment.ts";
import { programsGetOwnUser, programsUser } from "./programs-user/programs-user.ts";

type Needs = Pick<World, "settings" | "machine" | "paths" | "checkout" | "postgres" | "supervisor">;

/** The environment of every program of this installation, as the world is now. No password in it. */
export async function environmentOfPrograms(world: Needs): Promise<Record<string, string>> {
  const { machine, paths, checkout, postgres } = world;
  const daemon = (await world.supervisor.findDaemon()) ?? "/usr/bin/supervisord";
  const programs = await checkout.supervised();
  const user = await programsUser(world);
  return programEnvironment({
    ...(user ? { user } : {}),
    paths,
    root: checkout.root,
    target: postgres.target,
    shims: await shimsInUse(machine, paths),
    ports: programs.flatMap(({ port }) => (port === undefined ? [] : [port])),
    supervisorctl: join(dirname(daemon), "supervisorctl"),
    exchange: world.settings.kalshi,
    trust: trustOf(await machine.files.read(paths.supervisorConf)),
  });
}

/** supervisord.conf as it should be now. The step writes it and the probe compares it: both ask here. */
export async function desiredConfiguration(world: Needs): Promise<string> {
  const { machine, paths, checkout } = world;
  const user = await programsUser(world);
  if (!user && (await programsGetOwnUser(world)))
    throw new Problem({
      code: "programs-user.missing",
      says: "The user that REC.IO's programs run as is not there.",
      remedy: repairedBy("create-programs-user", "Give REC.IO's programs their own user"),
    });
  return renderConfiguration({
    ...(user ? { user } : {}),
    paths,
    root: checkout.root,
    python: checkout.python,
    programs: await checkout.supervised(),
    environment: await environmentOfPrograms(world),
    asRoot: (await machine.facts()).root,
  });
}
