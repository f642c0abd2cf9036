import type { Machine } from "../machine/machine.ts";
import { findServers } from "../postgres/connection/find-servers.ts";
import type { Runtime } from "../runtime.ts";

/**
 * The databases that could be used, in the order of preference: servers that answer on this machine, then the one that
 * the product brings along.
 */
export async function findDatabases(machine: Machine): ReturnType<Runtime["findDatabases"]> {
  const servers = await findServers(machine);
  return [
    ...servers.map((server) => ({ kind: "server" as const, ...server })),
    { kind: "embedded" as const, title: "The PostgreSQL that comes along", version: "18" },
  ];
}
