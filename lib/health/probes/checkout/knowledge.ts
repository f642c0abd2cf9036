import { headOf } from "../../../checkout/git/git.ts";
import { type Drift, driftBetween } from "../../../checkout/knowledge/drift.ts";
import { installedKnowledge } from "../../../checkout/knowledge/installed.ts";
import { interpreterFor, type Knowledge, knowledgeOf, type Place } from "../../../checkout/knowledge/knowledge.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import { sentence } from "../../../problem.ts";
import type { World } from "../../../world.ts";
import { allowedRoutes } from "../../program-routes.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths">;

/** The routes of GET that this product's proofs ask, as drift names them. */
export const askedRoutes: readonly string[] = allowedRoutes
  .filter(({ method }) => method === "GET")
  .map(({ program, path }) => `${program} ${path}`);

const names = (places: readonly Place[]) => [...new Set(places.map(({ name }) => name))];

/** What the code has built in, in words; each with its places in the evidence, and no value of a credential anywhere. */
export function judgeKnowledge(knowledge: Pick<Knowledge, "environment" | "hosts" | "credentials">): Finding {
  const { environment, hosts, credentials } = knowledge;
  const places = (title: string, found: readonly Place[]) =>
    names(found).map((name) => {
      const at = found.filter((one) => one.name === name).map(({ file, line }) => `${file}:${line}`);
      return `${title} ${name}: ${at.slice(0, 4).join(", ")}${at.length > 4 ? ` and ${at.length - 4} more` : ""}`;
    });
  const evidence = {
    asked: "the code of the programs and of what they import",
    cameBack: [...places("host", hosts), ...places("credential", credentials), ...places("reads", environment)].join(
      "\n",
    ),
  };
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const says = `The code names ${counted(names(hosts).length, "foreign host")} and reads ${counted(names(environment).length, "environment variable")}`;
  if (credentials.length === 0) return { level: "ok", says: `${says}; no credential is written into it.`, evidence };
  const files = new Set(credentials.map(({ file }) => file)).size;
  return {
    level: "warn",
    says: `${says}; credentials are written into it in ${counted(credentials.length, "place")} of ${counted(files, "file")} (${names(credentials).join(", ")}).`,
    objects: [...new Set(credentials.map(({ file, line }) => `${file}:${line}`))].slice(0, 20),
    evidence,
    remedy: sentence(
      "Nothing is to be done here: the hook puts this installation's own in their place, and other hosts are refused.",
    ),
  };
}

export type DriftFacts =
  | { moved: false; commit?: string }
  | { moved: true; from: string; to: string; drift: readonly Drift[] };

/** Does what is installed still fit the commit that is checked out now? */
export function judgeDrift(facts: DriftFacts): Finding {
  if (!facts.moved)
    return facts.commit === undefined
      ? { level: "unknown", says: "It is not known of which commit the checkout was when it was installed." }
      : { level: "ok", says: `The commit is still ${facts.commit.slice(0, 7)}, for which this was installed.` };
  const way = `from ${facts.from.slice(0, 7)} to ${facts.to.slice(0, 7)}`;
  const breaking = facts.drift.filter(({ kind }) => kind === "breaks");
  const evidence = {
    asked: `what differs between ${facts.from.slice(0, 7)} and ${facts.to.slice(0, 7)}`,
    cameBack: facts.drift.map(({ kind, says }) => `${kind}: ${says}`).join("\n") || "nothing that matters here",
  };
  const remedy = sentence("Run the installation again for this commit, or go back with git checkout.");
  const first = (breaking.length > 0 ? breaking : facts.drift).slice(0, 3).map(({ says }) => says);
  const rest = facts.drift.length - first.length;
  const more = rest > 0 ? ` And ${rest} more.` : "";
  if (breaking.length > 0)
    return { level: "fail", says: `The checkout has moved ${way}. ${first.join(" ")}${more}`, evidence, remedy };
  if (facts.drift.length > 0)
    return { level: "warn", says: `The checkout has moved ${way}. ${first.join(" ")}${more}`, evidence, remedy };
  return {
    level: "warn",
    says: `The checkout has moved ${way}; programs, ports and packages are the same.`,
    evidence,
    remedy: sentence("Restart REC.IO, so that its programs run the code that is there now."),
  };
}

/** Read anew after so long even where the commit is the same: files may have been edited. */
const keptMs = 3_600_000;

/** What is known of the checkout, and what has changed since it was installed. Read when the commit changes. */
export function knowledgeProbes(): AnyProbe[] {
  let kept: { commit: string | undefined; at: number; knowledge: Knowledge } | undefined;
  async function here({ machine, checkout }: Needs, signal: AbortSignal): Promise<Knowledge> {
    const commit = await headOf(machine, checkout.root, signal);
    if (kept && kept.commit === commit && Date.now() - kept.at < keptMs) return kept.knowledge;
    const python = await interpreterFor(machine, checkout.python);
    const knowledge = await knowledgeOf(machine, { root: checkout.root, python }, signal);
    kept = { commit, at: Date.now(), knowledge };
    return knowledge;
  }
  async function drift(world: Needs, signal: AbortSignal): Promise<DriftFacts> {
    const to = await headOf(world.machine, world.checkout.root, signal);
    const before = await installedKnowledge(world);
    if (to === undefined || before?.commit === undefined) return { moved: false };
    if (before.commit === to) return { moved: false, commit: to };
    const after = await here(world, signal);
    return { moved: true, from: before.commit, to, drift: driftBetween(before, after, askedRoutes) };
  }
  const common = { group: "Checkout", label: "checkout", timeoutMs: 120_000 } as const;
  return [
    probe({
      ...common,
      id: "checkout-built-in",
      title: "What the code has built in",
      everyMs: 3_600_000,
      collect: (world: Needs, signal) => here(world, signal),
      judge: judgeKnowledge,
    }) as AnyProbe,
    probe({
      ...common,
      id: "checkout-drift",
      title: "The checkout is the commit that was installed",
      everyMs: 30_000,
      collect: (world: Needs, signal) => drift(world, signal),
      judge: judgeDrift,
    }) as AnyProbe,
  ];
}
