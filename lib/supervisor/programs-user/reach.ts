import { dirname, join, relative } from "node:path";
import { z } from "zod";
import type { FileFacts } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import type { World } from "../../world.ts";
import { type ProgramsUser, programsUser } from "./programs-user.ts";

type Needs = Pick<World, "machine" | "paths" | "checkout">;

/** What keeps the programs' own user from reading the checkout. */
export type Barriers = {
  /** Folders above the checkout that it may not pass through, outermost first. */
  pass: string[];
  /** The checkout itself, where something in it may not be read. */
  read: string[];
};

/** What the programs write in the checkout, and so is theirs, and what none of them reads. */
const ownPlaces = [".git", "logs", "backend/data/users", "backend/data/live_data"];

/** The folders above a path, outermost first, without the root of the file system. Pure. */
export function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path || above === "/" ? [] : [...foldersAbove(above), above];
}

/** True where the mode alone lets somebody pass who is neither root nor an owner yet. Pure. */
export function letsPass({ mode, uid, gid }: Pick<FileFacts, "mode" | "uid" | "gid">, who: ProgramsUser | undefined) {
  if (who && uid === who.uid) return (mode & 0o100) !== 0;
  if (who && gid === who.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** The kernel's own answer, lists of access control included. */
async function mayPass({ machine }: Needs, folder: string, who: ProgramsUser): Promise<boolean> {
  const { code } = await machine.exec("test", ["-x", folder], { as: who, cwd: "/", timeoutMs: 10_000 });
  return code === 0;
}

async function unreadableInside({ machine, checkout }: Needs, who: ProgramsUser | undefined): Promise<boolean> {
  const prune = ownPlaces.flatMap((place, index) => [
    ...(index > 0 ? ["-o"] : []),
    "-path",
    join(checkout.root, place),
  ]);
  const lacks = who
    ? ["!", "-readable", "-o", "-type", "d", "!", "-executable"]
    : ["!", "-perm", "-o=r", "-o", "-type", "d", "!", "-perm", "-o=x"];
  const words = [
    checkout.root,
    "(",
    ...prune,
    ")",
    "-prune",
    "-o",
    "!",
    "-type",
    "l",
    "(",
    ...lacks,
    ")",
    "-print",
    "-quit",
  ];
  const answer = await machine.exec("find", words, { ...(who ? { as: who } : {}), cwd: "/", timeoutMs: 60_000 });
  return answer.code !== 0 || answer.stdout.trim() !== "";
}

/**
 * What stands between the programs' user and the checkout. Before the user is there the modes alone are asked, as for any
 * stranger. Folders of our own state are no barrier: they are opened for the user's group when the user is made.
 */
export async function lookAtBarriers(world: Needs): Promise<Barriers> {
  const { machine, paths, checkout } = world;
  const root = (await machine.files.realPath(checkout.root)) ?? checkout.root;
  const who = await programsUser(world);
  const pass: string[] = [];
  for (const folder of [...new Set([...foldersAbove(paths.state), ...foldersAbove(root)])]) {
    if (folder === paths.state) continue;
    const facts = await machine.files.facts(folder);
    if (!facts || letsPass(facts, who)) continue;
    // Behind a closed folder the kernel's answer would be about that one.
    if (who && pass.length === 0 && (await mayPass(world, folder, who))) continue;
    pass.push(folder);
  }
  const inside = pass.length > 0 ? await unreadableInside(world, undefined) : await unreadableInside(world, who);
  return { pass, read: inside ? [root] : [] };
}

const answer = z.union([z.object({ changed: z.number() }), z.object({ refused: z.string() })]);

/**
 * Lets the user pass and read what is named, or takes that back.
 * @throws Problem `programs-user.not-granted`: this file system has no access control lists.
 */
export async function changeGrants(
  { machine }: Pick<World, "machine">,
  what: "grant" | "take back",
  uid: number,
  barriers: Barriers,
): Promise<void> {
  if (barriers.pass.length + barriers.read.length === 0) return;
  const script = join(projectRoot(), "lib/supervisor/programs-user/grants.py");
  const { stdout, stderr } = await machine.exec("python3", ["-I", "-B", script], {
    cwd: "/",
    input: JSON.stringify({ do: what, uid, ...barriers }),
    timeoutMs: 120_000,
  });
  const said = answer.safeParse(stdout.trim() === "" ? undefined : JSON.parse(stdout));
  if (said.success && "changed" in said.data) return;
  const places = [...barriers.pass, ...barriers.read].join(", ");
  throw new Problem({
    code: "programs-user.not-granted",
    says: `The programs' own user cannot be let through ${places}.`,
    remedy: sentence(
      `Put the checkout where every user may read it (in /srv, or in /opt), or open these folders yourself: ${commandFor(barriers)}`,
    ),
    evidence: {
      asked: "an access control list",
      cameBack: said.success && "refused" in said.data ? said.data.refused : stderr.trim().slice(-300),
    },
  });
}

/** The commands with which a person opens the same places for everybody. Pure. */
export function commandFor({ pass, read }: Barriers): string {
  const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  return [
    ...(pass.length > 0 ? [`chmod o+x ${pass.map(quoted).join(" ")}`] : []),
    ...(read.length > 0 ? [`chmod -R o+rX ${read.map(quoted).join(" ")}`] : []),
  ].join(" && ");
}

/** True for a path that is the folder or lies in it. Pure. */
export function liesIn(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside === "" || (!inside.startsWith("..") && !inside.startsWith("/"));
}
