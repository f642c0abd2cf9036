import type { Machine } from "../machine/machine.ts";
import { findServers } from "../postgres/connection/find-servers.ts";
import type { Runtime } from "../runtime.ts";

const usualPort = 15_432;
/** Above it the system hands out ports for outgoing connections. */
const lastPort = 32_767;

/** The usual port of the embedded server, or the next one that nobody listens at. */
async function freePort(machine: Pick<Machine, "listeners">): Promise<number> {
  const taken = new Set((await machine.listeners()).map(({ port }) => port));
  for (let port = usualPort; port <= lastPort; port += 1) if (!taken.has(port)) return port;
  return usualPort;
}

/**
 * The databases that could be used, in the order of preference: servers that answer on this machine, then the one that
 * the product brings along.
 */
export async function findDatabases(machine: Machine): ReturnType<Runtime["findDatabases"]> {
  const servers = await findServers(machine);
  return [
    ...servers.map((server) => ({ kind: "server" as const, ...server })),
    {
      kind: "embedded" as const,
      title: "The PostgreSQL that comes along",
      version: "18",
      port: await freePort(machine),
    },
  ];
}
