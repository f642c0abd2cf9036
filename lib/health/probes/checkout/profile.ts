import { privateFolders, workingFolders } from "../../../checkout/profile.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { FileFacts } from "../../../machine/machine.ts";
import { repairedBy } from "../../../problem.ts";
import { programsGetOwnUser, programsUser } from "../../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../../world.ts";

export interface ProfileFacts {
  missing: readonly string[];
  /** Private folders that others may look into. */
  open: readonly string[];
  /** Folders that the user of REC.IO's programs cannot write in, because they are somebody else's. */
  foreign: readonly string[];
}

const others = 0o077;

/** True for a folder that only its owner may use. Pure. */
export function isPrivate(facts: FileFacts | undefined): boolean {
  return facts?.kind === "folder" && (facts.mode & others) === 0;
}

export function judgeProfile({ missing, open, foreign }: ProfileFacts): Finding {
  const remedy = repairedBy("create-profile", "Create the folders, readable for their owner only.");
  if (missing.length > 0) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
    return {
      level: "fail",
      says: `The folder ${missing[0]}${more} of the profile is missing.`,
      remedy,
      objects: missing,
    };
  }
  if (open.length > 0) {
    const says = `Other users of this machine may look into ${open.join(", ")}.`;
    return { level: "fail", says, remedy, objects: open };
  }
  if (foreign.length > 0) {
    const says = `REC.IO's programs cannot write in ${foreign.join(", ")}, because what is there belongs to somebody else.`;
    return { level: "fail", says, remedy, objects: foreign };
  }
  return {
    level: "ok",
    says: `${privateFolders.length + workingFolders.length} folders are there; the person's own are 0700.`,
  };
}

/** Looks at the folders of the profile, which REC.IO would make with loose modes. */
export async function lookAtProfile(world: Pick<World, "machine" | "checkout" | "paths">): Promise<ProfileFacts> {
  const { machine, checkout } = world;
  // Before that user is made nothing is his yet: what stands in the checkout already will be given to him.
  const [ownUser, user] = await Promise.all([programsGetOwnUser(world), programsUser(world)]);
  const factsOf = async (path: string) => ({ path, facts: await machine.files.facts(checkout.at(path)) });
  const [own, working] = await Promise.all([
    Promise.all(privateFolders.map(factsOf)),
    Promise.all(workingFolders.map(factsOf)),
  ]);
  return {
    missing: [...own, ...working].filter(({ facts }) => facts === undefined).map(({ path }) => path),
    open: own.filter(({ facts }) => facts !== undefined && !isPrivate(facts)).map(({ path }) => path),
    foreign: ownUser
      ? [...own, ...working].filter(({ facts }) => facts && facts.uid !== user?.uid).map(({ path }) => path)
      : [],
  };
}

/** The folders of the profile. */
export const profileProbe: AnyProbe = probe({
  id: "profile",
  title: "The profile's folders are there and private",
  group: "Checkout",
  label: "machine",
  everyMs: 30_000,
  collect: (world: Pick<World, "machine" | "checkout" | "paths">) => lookAtProfile(world),
  judge: judgeProfile,
});
