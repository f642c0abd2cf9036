import type { World } from "../../world.ts";
import { interpreterFor, type Knowledge, knowledgeOf } from "./knowledge.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths">;

/** What was known of the checkout when it was installed last. Read with the schema of nobody: it is our own file. */
interface Remembered {
  root: string;
  knowledge: Knowledge;
}

/** Keeps what the checkout is at the end of an installation, so that a later commit can be compared with it. */
export async function rememberCheckout({ machine, checkout, paths }: Needs, signal?: AbortSignal): Promise<void> {
  const python = await interpreterFor(machine, checkout.python);
  const knowledge = await knowledgeOf(machine, { root: checkout.root, python }, signal);
  const remembered: Remembered = { root: checkout.root, knowledge };
  await machine.files.write(paths.installedCheckout, `${JSON.stringify(remembered)}\n`, 0o600);
}

/** What the checkout was when it was installed; undefined where that was not kept, or of another checkout. */
export async function installedKnowledge({ machine, checkout, paths }: Needs): Promise<Knowledge | undefined> {
  const text = await machine.files.read(paths.installedCheckout);
  if (text === undefined) return undefined;
  try {
    const { root, knowledge } = JSON.parse(text) as Remembered;
    return root === checkout.root ? knowledge : undefined;
  } catch {
    return undefined;
  }
}
