import { readdir, readFile, readlink } from "node:fs/promises";
import type { ExecResult, PortHolder } from "./machine.ts";

/** State "listen" in /proc/net/tcp. */
const listening = "0A";

/** The address of a line in /proc/net/tcp or tcp6: words of four bytes, each in the machine's (little-endian) order. */
function readAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  const full = (bytes.join("").match(/.{4}/g) ?? []).join(":");
  // The URL parser writes the short form of RFC 5952; a mapped IPv4 address is told as the IPv4 address that it is.
  const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short);
  if (!mapped?.[1] || !mapped[2]) return short;
  const words = [Number.parseInt(mapped[1], 16), Number.parseInt(mapped[2], 16)];
  return words.flatMap((word) => [word >> 8, word & 255]).join(".");
}

/** Listening sockets of /proc/net/tcp or tcp6 with the inode of each. Pure. */
export function parseProcNet(text: string): { port: number; address: string; inode: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listening || local === undefined || inode === undefined) return [];
    const [address, port] = local.split(":");
    if (address === undefined || port === undefined) return [];
    return [{ port: Number.parseInt(port, 16), address: readAddress(address), inode }];
  });
}

/** Which process holds which socket, as far as this user may see it. A process that ends meanwhile is left out. */
async function holdersOf(inodes: ReadonlySet<string>): Promise<Map<string, { pid: number; program?: string }>> {
  const holders = new Map<string, { pid: number; program?: string }>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch((): string[] => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode) || holders.has(inode)) continue;
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      holders.set(inode, { pid: Number(pid), ...(name === "" ? {} : { program: name }) });
    }
    if (holders.size === inodes.size) break;
  }
  return holders;
}

/** Reads `lsof -nP -iTCP -sTCP:LISTEN -Fpcn`: a field a line, `p` and `c` once a process, `n` once a socket. Pure. */
export function parseLsof(text: string): PortHolder[] {
  const found: PortHolder[] = [];
  let pid: number | undefined;
  let program: string | undefined;
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("c")) program = value;
    else if (line.startsWith("n")) {
      const colon = value.lastIndexOf(":");
      const host = value.slice(0, colon).replace(/^\[|\]$/g, "");
      const address = host === "*" ? "0.0.0.0" : host;
      const who = { ...(pid === undefined ? {} : { pid }), ...(program === undefined ? {} : { program }) };
      found.push({ port: Number(value.slice(colon + 1)), address, ...who });
    }
  }
  return found;
}

type Exec = (program: string, args: readonly string[]) => Promise<ExecResult>;

/** Who listens on TCP ports: from /proc on Linux, from lsof elsewhere. */
export async function listListeners(exec: Exec): Promise<PortHolder[]> {
  if (process.platform !== "linux") {
    return parseLsof((await exec("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN", "-Fpcn"])).stdout);
  }
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const sockets = tables.flatMap(parseProcNet);
  const holders = await holdersOf(new Set(sockets.map(({ inode }) => inode)));
  return sockets.map(({ inode, ...socket }) => ({ ...socket, ...holders.get(inode) }));
}
