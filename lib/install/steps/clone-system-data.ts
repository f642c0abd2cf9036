import { join } from "node:path";
import { z } from "zod";
import { tablesAt } from "../../clone/clone.ts";
import { linkIsSafe, sourceConnections, sourceName } from "../../clone/source/connect.ts";
import { searchForPassword } from "../../clone/source/password-search.ts";
import { clonedSchemas } from "../../clone/table.ts";
import { targetConnections } from "../../clone/target-connections.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { systemDataProbe } from "../../health/probes/data/system-data.ts";
import { projectRoot } from "../../paths.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";
import { type CopyReceipt, copySystemData, copyUndo, occupiedChanges } from "../copy-system-data.ts";

type SourceAnswer = Extract<Answers["data"], { kind: "source" }>;

/**
 * Copies the system data from the remote source, table by table, each proven before it is put in place. Another attempt
 * goes on where the last one ended.
 */
export function cloneSystemData(
  answer: SourceAnswer,
  person: Answers["person"],
  /** The source's password, where it is held: then what stands in the way is shown with the counts of both sides. */
  password: () => string | undefined = () => undefined,
): Step<"postgres" | "paths" | "machine", CopyReceipt> {
  const source = sourceName(answer);
  return step<"postgres" | "paths" | "machine", CopyReceipt>({
    id: "clone-system-data",
    title: "Copy the system data",
    why: "REC.IO's probabilities rest on these tables; a part of them gives wrong numbers with a green light.",
    probes: [systemDataProbe(source)],

    async describe(world): Promise<Change[]> {
      const changes: Change[] = clonedSchemas.map((schema) => ({
        what: "rows",
        target: schema,
        detail: `every table that ${answer.user} can read at ${source}, compared before it is put in place`,
      }));
      changes.push({
        what: "sql",
        target: "clone_state.copied",
        detail: "which tables were copied, from when, with which checksum",
      });
      changes.push({
        what: "rows",
        target: `system.installation_access_log at ${source}`,
        detail: `a line about this copy: ${person.userId}, ${person.fullName}, ${person.email}, and the address from which it came`,
      });
      const theirs = async () =>
        password() ? tablesAt(sourceConnections(answer, password, world.machine)) : undefined;
      changes.push(...(await occupiedChanges(world, answer.occupied, theirs)));
      return changes;
    },

    async run(world, job): Promise<CopyReceipt> {
      const ends = {
        source: sourceConnections(answer, () => job.secrets.sourcePassword, world.machine),
        target: targetConnections(world),
      };
      const version = await ownVersion(world.machine);
      const visitor = {
        userId: person.userId,
        name: person.fullName,
        email: person.email,
        agent: `rec-io-setup ${version}`,
        version,
      };
      return copySystemData(
        {
          ends,
          sourceName: source,
          proof: answer.verify === "deep" || !linkIsSafe(answer) ? "deep" : "stored",
          visitor,
          withoutLog: answer.withoutLog,
          keepAndReplace: answer.occupied === "replace",
          afterwards: () => passwordIsGone(world, job.secrets.sourcePassword, (line) => job.log(line)),
        },
        job,
      );
    },

    undo: copyUndo,
  });
}

/** The version of this product, as package.json has it. */
async function ownVersion({ files }: World["machine"]): Promise<string> {
  const text = await files.read(join(projectRoot(), "package.json"));
  return z.object({ version: z.string() }).parse(JSON.parse(text ?? "{}")).version;
}

/** The copy is over, and its password only in this process's memory: it is looked for everywhere else. @throws Problem */
async function passwordIsGone(
  world: Pick<World, "paths" | "machine">,
  password: string | undefined,
  log: (line: string) => void,
): Promise<void> {
  if (!password) return;
  const searched = await searchForPassword(world, password);
  if (searched === "tooShort") return log("The source's password is too short to be looked for in files.");
  const large =
    searched.notSearched.length === 0 ? "" : `; ${searched.notSearched.length} are too large to be searched`;
  log(`The source's password was looked for in ${searched.files} files of this product's, and stands in none${large}.`);
}
