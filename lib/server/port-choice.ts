import { createServer } from "node:net";
import type { Machine } from "../machine/machine.ts";
import { Problem, sentence } from "../problem.ts";

/** True where the address can be bound, or does not exist on this machine; false where it is taken or forbidden. */
function bindable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT"),
    );
    server.listen({ host, port, exclusive: true, ipv6Only: true }, () => server.close(() => resolve(true)));
  });
}

/** True where both 127.0.0.1 and ::1 are free: either one taken means taken, because localhost may lead to both. */
export async function portIsFree(port: number): Promise<boolean> {
  return (await bindable("127.0.0.1", port)) && (await bindable("::1", port));
}

/** The next free port above this one, or undefined within a hundred. */
export async function freePortAbove(port: number): Promise<number | undefined> {
  for (let next = port + 1; next <= Math.min(port + 100, 65_535); next++) if (await portIsFree(next)) return next;
  return undefined;
}

/** A taken port as the person is told of it, with the port that is offered instead. */
export interface TakenPort {
  problem: Problem;
  offered: number | undefined;
}

/**
 * Looks whether the page may have this port; where not, names the program that holds it and offers another.
 * @param command what the person ran, to be followed by --port: "npm run setup --"
 */
export async function judgePort(
  port: number,
  machine: Pick<Machine, "listeners">,
  command: string,
): Promise<TakenPort | undefined> {
  const holders = (await machine.listeners().catch(() => [])).filter((holder) => holder.port === port);
  // Loopback addresses and wildcards concern us; the same port on another address of the machine does not.
  const ours = holders.filter(({ address }) => ["127.0.0.1", "::1", "0.0.0.0", "::", "*"].includes(address));
  if (ours.length === 0 && (await portIsFree(port))) return undefined;
  const holder = ours.find(({ pid }) => pid !== undefined) ?? ours[0];
  const who =
    holder?.pid === undefined ? "another program" : `${holder.program ?? "a program"} (process ${holder.pid})`;
  const offered = await freePortAbove(port);
  return {
    offered,
    problem: new Problem({
      code: "server.port-taken",
      says: `Port ${port} is taken by ${who}.`,
      remedy: sentence(
        offered === undefined
          ? "Start again with --port and a free port."
          : `Port ${offered} is free: ${command} --port ${offered}`,
      ),
    }),
  };
}
