import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import type { ExecResult, PortHolder } from "./machine.ts";
import { fromKernel, processIds } from "./processes.ts";

/** State "listen" in /proc/net/tcp. */
const listening = "0A";
/** A row of that table for a connection rather than for a listener. The heading has no such numbers. */
const connection = / [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} (?!0A)[\dA-F]{2} /;
/**
 * The kernel gives whole rows until what was asked for is full. A row of IPv4 takes 150 bytes: read singly, the reading
 * ends at the first connection. Of IPv6 there are seldom any, and to find none the kernel walks through its whole table
 * of connections, 4 ms each time: so many rows are asked for at once that it does so once. Half a page of memory: what
 * does not fit into a page is given short, and would be taken for the end.
 */
const tables = [
  { path: "/proc/net/tcp", bytesAtOnce: 150 },
  { path: "/proc/net/tcp6", bytesAtOnce: 2048 },
] as const;

/**
 * The beginning of /proc/net/tcp or tcp6, where the listeners stand: the kernel walks its table of listeners before that
 * of the connections. A busy machine has thousands of the latter, and writing them out would cost it ten milliseconds
 * each time. Less than what was asked for is the table's end.
 */
function listenersTable({ path, bytesAtOnce }: (typeof tables)[number]): string {
  const file = openSync(path, "r");
  try {
    const rows = Buffer.alloc(bytesAtOnce);
    let text = "";
    for (;;) {
      const length = readSync(file, rows, 0, bytesAtOnce, null);
      const more = rows.toString("latin1", 0, length);
      text += more;
      if (length < bytesAtOnce || connection.test(more)) return text;
    }
  } finally {
    closeSync(file);
  }
}

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

interface Holder {
  pid: number;
  program?: string;
  /** The link in /proc through which it was found. */
  descriptor: string;
}

/** Sockets of other users have no holder that this user may see; they are looked for again after so long. */
const unseenForMs = 30_000;

/**
 * What the last look found, by the socket's inode. Finding a holder means reading every descriptor of every process;
 * seeing that it still holds the socket means reading one link.
 */
const lastFound = new Map<string, Holder>();
const unseen = new Map<string, number>();

const socketBehind = (descriptor: string): string | undefined =>
  /^socket:\[(\d+)\]$/.exec(fromKernel(() => readlinkSync(descriptor)) ?? "")?.[1];

/** Which process holds which socket, as far as this user may see it. A process that ends meanwhile is left out. */
function holdersOf(inodes: ReadonlySet<string>): ReadonlyMap<string, Holder> {
  const now = Date.now();
  for (const [inode, { descriptor }] of lastFound)
    if (!inodes.has(inode) || socketBehind(descriptor) !== inode) lastFound.delete(inode);
  for (const [inode, at] of unseen) if (!inodes.has(inode) || now - at > unseenForMs) unseen.delete(inode);
  const sought = new Set([...inodes].filter((inode) => !lastFound.has(inode) && !unseen.has(inode)));
  if (sought.size === 0) return lastFound;
  for (const [inode, holder] of searchHolders(sought)) lastFound.set(inode, holder);
  for (const inode of sought) if (!lastFound.has(inode)) unseen.set(inode, now);
  return lastFound;
}

function searchHolders(inodes: ReadonlySet<string>): Map<string, Holder> {
  const holders = new Map<string, Holder>();
  for (const pid of processIds()) {
    for (const descriptor of fromKernel(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const link = `/proc/${pid}/fd/${descriptor}`;
      const inode = socketBehind(link);
      if (inode === undefined || !inodes.has(inode) || holders.has(inode)) continue;
      const name = (fromKernel(() => readFileSync(`/proc/${pid}/comm`, "utf8")) ?? "").trim();
      holders.set(inode, { pid: Number(pid), descriptor: link, ...(name === "" ? {} : { program: name }) });
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
  const sockets = tables.flatMap((table) => parseProcNet(fromKernel(() => listenersTable(table)) ?? ""));
  const holders = holdersOf(new Set(sockets.map(({ inode }) => inode)));
  return sockets.map(({ inode, ...socket }) => {
    const { descriptor: _descriptor, ...holder } = holders.get(inode) ?? {};
    return { ...socket, ...holder };
  });
}
