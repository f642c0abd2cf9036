import { dirname, join } from "node:path";
import { shimsInUse } from "../checkout/hook/hook-files.ts";
import type { World } from "../world.ts";
import { renderConfiguration } from "./configuration/configuration.ts";
import { programEnvironment, trustOf } from "./program-environment.ts";

type Needs = Pick<World, "settings" | "machine" | "paths" | "checkout" | "postgres" | "supervisor">;

/** The environment of every program of this installation, as the world is now. No password in it. */
export async function environmentOfPrograms(world: Needs): Promise<Record<string, string>> {
  const { machine, paths, checkout, postgres } = world;
  const daemon = (await world.supervisor.findDaemon()) ?? "/usr/bin/supervisord";
  const programs = await checkout.supervised();
  return programEnvironment({
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
  return renderConfiguration({
    paths,
    root: checkout.root,
    python: checkout.python,
    programs: await checkout.supervised(),
    environment: await environmentOfPrograms(world),
    asRoot: (await machine.facts()).root,
  });
}
