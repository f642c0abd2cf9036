import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../paths.ts";
import { Problem, repairedBy, sentence } from "../problem.ts";
import type { World } from "../world.ts";
import { archiveNotUsable } from "./fingerprint-archive.ts";
import { basePrice, type LookupGrid, type LookupPoint, mostBuffer, mostTtc } from "./lookup-grid.ts";

/** What the computation said about itself at its end. Values in hundredths of per cent. */
const computed = z.object({
  rows: z.number().int(),
  checksum: z.string(),
  least: z.number().int(),
  most: z.number().int(),
  buckets: z.array(z.tuple([z.number().int(), z.number().int(), z.number().int(), z.number().int()])),
  values: z.array(z.tuple([z.number().int(), z.number().int()])),
});
export type ComputedLookup = z.infer<typeof computed>;

const message = z.union([
  z.object({ rows: z.number().int() }),
  z.object({ done: computed }),
  z.object({ refused: z.string() }),
]);

/** A unix socket's path has room for 107 bytes on Linux and 103 on macOS. */
const longestSocketPath = 103;
const longestBuildMs = 15 * 60_000;

export interface LookupOrder {
  archivePath: string;
  archiveName: string;
  grid: LookupGrid;
  points: readonly LookupPoint[];
  signal: AbortSignal;
  onRows(rows: number): void;
}

type Where = Pick<World, "paths" | "machine" | "checkout">;

async function listen(path: string): Promise<{ server: Server; first: Promise<Socket> }> {
  const server = createServer();
  const first = new Promise<Socket>((resolve) => {
    server.once("connection", (socket) => {
      socket.on("error", () => undefined);
      resolve(socket);
      server.close();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return { server, first };
}

function whyItEnded(python: string, archive: string, code: number | null, stderr: string): Problem {
  const missing = /No module named '([\w.]+)'/.exec(stderr)?.[1];
  if (missing)
    return new Problem({
      code: "data.python-module-missing",
      says: `${missing} cannot be imported by ${python}.`,
      remedy: repairedBy("create-python-environment", "Create the Python environment"),
    });
  return new Problem({
    code: "data.lookup-not-computed",
    says: `The computation of the lookup ended with exit code ${code ?? "none"} before it was done.`,
    remedy: sentence("Run the step again; if it ends the same way, the log below says why."),
    evidence: {
      asked: `build_lookup.py on ${archive}`,
      cameBack: stderr.trim().split("\n").slice(-6).join("\n").slice(-1500),
    },
  });
}

/**
 * Runs the computation in Python and hands its rows (PostgreSQL's binary COPY) to `load`, as fast as `load` takes them.
 * The rows come over a unix socket in the state folder, so that Python needs no way into the database and a slow
 * database slows Python down; what is said about them comes on standard output.
 * @throws Problem `data.archive-not-usable`, `data.python-module-missing`, `data.lookup-not-computed`; what `load`
 * throws; the signal's reason.
 */
export async function streamLookup<Loaded>(
  world: Where,
  order: LookupOrder,
  load: (rows: AsyncIterable<Buffer>) => Promise<Loaded>,
): Promise<{ computed: ComputedLookup; loaded: Loaded }> {
  const socketPath = join(world.paths.state, "lookup.sock");
  if (Buffer.byteLength(socketPath) > longestSocketPath)
    throw new Problem({
      code: "data.state-path-too-long",
      says: `The path of the state folder is too long for a socket: ${Buffer.byteLength(socketPath)} bytes, and ${longestSocketPath} fit.`,
      remedy: sentence("Choose a state folder with a shorter path."),
    });
  await world.machine.files.makeFolder(world.paths.state, 0o700);
  await world.machine.files.remove(socketPath);
  const { server, first } = await listen(socketPath);
  let done: ComputedLookup | undefined;
  let refused: string | undefined;
  let bug: unknown;
  const child = world.machine.exec(
    world.checkout.python,
    ["-I", "-B", join(projectRoot(), "lib/data/python/build_lookup.py")],
    {
      signal: order.signal,
      timeoutMs: longestBuildMs,
      input: JSON.stringify({
        archive: order.archivePath,
        socket: socketPath,
        ...order.grid,
        mostTtc,
        mostBuffer,
        basePrice,
        points: order.points.map(({ ttc, buffer, bucket }) => [ttc, buffer, bucket]),
      }),
      onLine: (line, from) => {
        if (from !== "stdout") return;
        try {
          const said = message.parse(JSON.parse(line));
          if ("rows" in said) order.onRows(said.rows);
          else if ("done" in said) done = said.done;
          else refused = said.refused;
        } catch (thrown) {
          bug = thrown;
        }
      },
    },
  );
  // Both ends are awaited below; until then neither may count as unhandled.
  child.catch(() => undefined);
  let socket: Socket | undefined;
  try {
    socket = await Promise.race([first, child.then(() => undefined)]);
    const rows = socket;
    const loading = rows ? load(rows) : undefined;
    // Python is blocked on the socket while nobody reads, so a load that failed has to close it.
    loading?.catch(() => rows?.destroy());
    const [ended, loaded] = await Promise.allSettled([child, loading]);
    order.signal.throwIfAborted();
    if (refused !== undefined) throw archiveNotUsable(order.archiveName, refused);
    if (loaded.status === "rejected") throw loaded.reason;
    if (ended.status === "rejected") throw ended.reason;
    if (bug !== undefined) throw bug;
    if (ended.value.code !== 0 || !done || loaded.value === undefined)
      throw whyItEnded(world.checkout.python, order.archiveName, ended.value.code, ended.value.stderr);
    return { computed: done, loaded: loaded.value as Loaded };
  } finally {
    socket?.destroy();
    server.close();
    await world.machine.files.remove(socketPath);
  }
}
