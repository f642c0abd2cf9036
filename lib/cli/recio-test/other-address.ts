import { setTimeout as delay } from "node:timers/promises";
import type { Machine } from "../../machine/machine.ts";
import { must } from "./namespace.ts";
import type { DrillResult } from "./report.ts";

/** Addresses for documentation (RFC 5737): no network has them, and this one ends with the namespaces. */
const machineAddress = "192.0.2.1";
const neighbourAddress = "192.0.2.2";

/** Tries each port of a host, as another program would, and prints those that take a connection. */
const knock = `
const { connect } = require("node:net");
const [host, ...ports] = process.argv.slice(1);
Promise.all(ports.map((port) => new Promise((resolve) => {
  const line = connect({ host, port: Number(port) });
  const end = (open) => { line.destroy(); resolve(open ? [Number(port)] : []); };
  line.setTimeout(3000, () => end(false)).once("connect", () => end(true)).once("error", () => end(false));
}))).then((open) => process.stdout.write(JSON.stringify(open.flat())));
`;

async function openPorts(machine: Machine, before: readonly string[], host: string, ports: readonly number[]) {
  const [program = process.execPath, ...words] = [...before, process.execPath, "-e", knock, host, ...ports.map(String)];
  return JSON.parse(await must(machine, program, words)) as number[];
}

/** A neighbour on a cable of its own: a network namespace beside ours, joined by a pair of interfaces. */
async function neighbour(machine: Machine, logFile: string): Promise<{ pid: number }> {
  const pid = await machine.startDetached("unshare", ["--net", "sleep", "3600"], { logFile });
  const own = await must(machine, "readlink", ["/proc/self/ns/net"]);
  while ((await machine.exec("readlink", [`/proc/${pid}/ns/net`])).stdout.trim() === own) await delay(20);
  const inside = ["-t", String(pid), "-n", "ip"];
  await must(machine, "ip", ["link", "add", "rec0", "type", "veth", "peer", "name", "rec1", "netns", String(pid)]);
  await must(machine, "ip", ["address", "add", `${machineAddress}/24`, "dev", "rec0"]);
  await must(machine, "ip", ["link", "set", "rec0", "up"]);
  await must(machine, "nsenter", [...inside, "address", "add", `${neighbourAddress}/24`, "dev", "rec1"]);
  await must(machine, "nsenter", [...inside, "link", "set", "rec1", "up"]);
  return { pid };
}

/**
 * Nothing of the installation may answer from outside: asked from a neighbour, and from this machine under the address
 * that others know it by. On 127.0.0.1 every port answers, and so does a listener of the test at the neighbour's side of
 * the cable: a cable that is cut would prove nothing.
 */
export async function unreachableFromOutside(
  machine: Machine,
  logFile: string,
  ports: readonly number[],
): Promise<DrillResult> {
  const { pid } = await neighbour(machine, logFile);
  const control = "require('node:net').createServer((line) => line.end()).listen(9, '0.0.0.0')";
  const open = await machine.startDetached(process.execPath, ["-e", control], { logFile });
  try {
    const there = ["nsenter", "-t", String(pid), "-n"];
    const deadline = Date.now() + 10_000;
    while (!(await openPorts(machine, there, machineAddress, [9])).includes(9)) {
      if (Date.now() > deadline) throw new Error("the neighbour does not reach this machine at all");
      await delay(100);
    }
    const fromNeighbour = await openPorts(machine, there, machineAddress, ports);
    const fromHere = await openPorts(machine, [], machineAddress, ports);
    const onLoopback = await openPorts(machine, [], "127.0.0.1", ports);
    return {
      name: "asked from another address",
      held: fromNeighbour.length + fromHere.length === 0 && onLoopback.length === ports.length,
      says: `Of ${ports.length} ports ${onLoopback.length} answer on 127.0.0.1, ${fromNeighbour.length} to a neighbour, ${fromHere.length} at ${machineAddress}.`,
    };
  } finally {
    await machine.end(open);
    await machine.end(pid);
  }
}
