import { fetchNew, filesBetween, newestKnown, subjectsBetween } from "../../checkout/git/fetch.ts";
import { headOf, statusOf } from "../../checkout/git/git.ts";
import { type Drift, driftBetween } from "../../checkout/knowledge/drift.ts";
import { interpreterFor, type Knowledge, knowledgeOf } from "../../checkout/knowledge/knowledge.ts";
import { resolveCommit, withTreeOf } from "../../checkout/knowledge/other-commit.ts";
import { importModules } from "../../checkout/source/read-sources.ts";
import { readStatements } from "../../checkout/statements/read-statements.ts";
import { askedRoutes } from "../../health/probes/checkout/knowledge.ts";
import { neededModules } from "../../health/probes/checkout/python.ts";
import { countPreparable, prepareStatements } from "../../postgres/contract/prepare-statements.ts";
import { Problem, sentence } from "../../problem.ts";
import type { World } from "../../world.ts";

/** What another commit of REC.IO would mean for this installation. Nothing of it was installed. */
export interface UpdateRehearsal {
  from: string;
  to: string;
  /** Subjects of the commits in between, newest first; empty where the other commit is an older one. */
  subjects: string[];
  drift: Drift[];
  /** Modules that the other commit imports and this installation's Python does not have. */
  modules: { module: string; where: string; error: string }[];
  /** Statements of the other commit, prepared against this installation's database as REC.IO's role. */
  statements: { asked: number; refused: { where: string; missing: string; says: string }[]; unread: number };
  /** Files that are changed here and that the other commit changes too: git would refuse or overwrite. */
  collisions: string[];
  /** Would everything that works now go on working, as far as reading and preparing can tell? */
  verdict: "same" | "fits" | "would break";
  says: string;
}

type Needs = Pick<World, "machine" | "checkout" | "paths" | "postgres">;

/** The commit that is meant: a name that the repository knows already, else what a fetch brings. */
export async function meantCommit(
  { machine, checkout }: Pick<World, "machine" | "checkout">,
  name: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (name !== undefined) {
    const known = await resolveCommit(machine, checkout.root, name, signal).catch(() => undefined);
    if (known !== undefined) return known;
  }
  await fetchNew(machine, checkout.root, signal);
  if (name !== undefined) return resolveCommit(machine, checkout.root, name, signal);
  const newest = await newestKnown(machine, checkout.root, signal);
  if (newest !== undefined) return newest;
  throw new Problem({
    code: "checkout.no-remote",
    says: "The checkout's repository has no remote branch that a newer commit could come from.",
    remedy: sentence("Name the commit: npm run recio -- rehearse-update COMMIT."),
  });
}

async function missingModules(
  { machine }: Needs,
  python: string,
  before: Knowledge,
  after: Knowledge,
  signal: AbortSignal,
): Promise<UpdateRehearsal["modules"]> {
  const known = new Set(neededModules(before.sources.imports).map(({ module }) => module));
  const fresh = neededModules(after.sources.imports).filter(({ module, guarded }) => !guarded && !known.has(module));
  if (fresh.length === 0) return [];
  const { failing } = await importModules(machine, python, fresh, signal);
  return fresh.flatMap(({ module, where }) => {
    const error = failing[module];
    return error === undefined ? [] : [{ module, where: where[0] ?? "?", error }];
  });
}

/** Every statement of the other commit, prepared as REC.IO's role against the database as it is; nothing is run. */
async function refusedStatements(
  { machine, postgres }: Needs,
  python: string,
  tree: string,
  { sources, programs }: Knowledge,
  signal: AbortSignal,
): Promise<UpdateRehearsal["statements"]> {
  const there = programs.filter(({ exists }) => exists);
  const { statements, unread } = await readStatements(machine, python, tree, sources.files, there, signal);
  const refused = await prepareStatements(postgres, statements, signal);
  return {
    asked: countPreparable(statements),
    refused: refused.map(({ statement, missing, message }) => ({
      where: `${statement.file}:${statement.line}`,
      missing,
      says: message,
    })),
    unread: unread.length,
  };
}

/** Three facts in a sentence each, the worst first. Pure. */
export function updateSentence(
  found: Omit<UpdateRehearsal, "says" | "verdict">,
): Pick<UpdateRehearsal, "says" | "verdict"> {
  const { from, to, drift, modules, statements, collisions } = found;
  if (from === to) return { verdict: "same", says: `The checkout is at ${to.slice(0, 7)} already.` };
  const refused = statements.refused.length;
  const breaking = drift.filter(({ kind }) => kind === "breaks").length;
  const parts = [
    ...(refused > 0
      ? [`${refused} of ${statements.asked} statements would fail`]
      : [`all ${statements.asked} statements are taken by your database`]),
    ...(modules.length > 0
      ? [`${modules.length === 1 ? "1 module is" : `${modules.length} modules are`} missing`]
      : []),
    ...(breaking > 0 ? [`${breaking === 1 ? "1 thing" : `${breaking} things`} that works now would not`] : []),
    ...(collisions.length > 0
      ? [
          `${collisions.length === 1 ? "1 file that you changed is" : `${collisions.length} files that you changed are`} changed there too`,
        ]
      : []),
  ];
  const bad = refused + modules.length + breaking + collisions.length > 0;
  return {
    verdict: bad ? "would break" : "fits",
    says: `From ${from.slice(0, 7)} to ${to.slice(0, 7)}: ${parts.join("; ")}.`,
  };
}

/**
 * Looks at another commit as if it were installed: programs, ports, packages, routes, and every SQL statement prepared
 * against the database of this installation. The working tree is not touched; a fetch may add to its repository.
 * @param name a commit, branch or tag; absent for what a pull would bring.
 * @throws Problem `checkout.…` where the commit cannot be had, `database.…` where the database cannot be asked.
 */
export async function rehearseUpdate(
  world: Needs,
  name: string | undefined,
  signal: AbortSignal,
): Promise<UpdateRehearsal> {
  const { machine, checkout, paths } = world;
  const { root } = checkout;
  const from = await headOf(machine, root, signal);
  if (from === undefined)
    throw new Problem({
      code: "checkout.no-git",
      says: "The checkout is no git working tree, so it cannot be brought to another commit.",
      remedy: sentence("Install a clone made by git."),
    });
  const to = await meantCommit(world, name, signal);
  const python = await interpreterFor(machine, checkout.python);
  const before = await knowledgeOf(machine, { root, python }, signal);
  const looked = await withTreeOf(
    { machine, paths, root },
    to,
    async (tree) => {
      const after = await knowledgeOf(machine, { root: tree, python }, signal);
      return {
        drift: driftBetween(before, after, askedRoutes),
        modules: await missingModules(world, python, before, after, signal),
        statements: await refusedStatements(world, python, tree, after, signal),
      };
    },
    signal,
  );
  const changed = await filesBetween(machine, root, from, to, signal);
  const dirty = (await statusOf(machine, root, { signal })).map((line) => line.slice(3));
  const found = {
    from,
    to,
    subjects: await subjectsBetween(machine, root, from, to, signal),
    ...looked,
    collisions: dirty.filter((file) => changed.includes(file)),
  };
  return { ...found, ...updateSentence(found) };
}
