import { baselineFile, takeBaseline } from "../../checkout/baseline.ts";
import { isWrittenByRecio, privateFolders, workingFolders } from "../../checkout/profile.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { isPrivate, lookAtProfile, profileProbe } from "../../health/probes/checkout/profile.ts";
import { Problem, sentence } from "../../problem.ts";
import type { World } from "../../world.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths">;

/** Paths relative to the checkout. `tightened` keeps the mode that each folder had. */
type Receipt = {
  readonly root: string;
  readonly made: string[];
  readonly tightened: { readonly path: string; readonly mode: number }[];
};

const privateMode = 0o700;

/** Everything below a folder that is no folder itself, relative to the root of the checkout. */
async function filesBelow(machine: Needs["machine"], root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await machine.files.list(`${root}/${folder}`)) {
    const path = `${folder}/${name}`;
    const facts = await machine.files.facts(`${root}/${path}`);
    if (facts?.kind === "folder") found.push(...(await filesBelow(machine, root, path)));
    else found.push(path);
  }
  return found;
}

/** Makes the folders of the profile before REC.IO does, because it makes them readable for everybody. */
export const createProfile: Step<"machine" | "checkout" | "paths", Receipt> = step({
  id: "create-profile",
  title: "Create the profile's folders",
  why: "REC.IO keeps the person's keys and tokens in them, and would make them readable for every user of this machine.",
  probes: [profileProbe],
  async describe(world): Promise<Change[]> {
    const { missing, open } = await lookAtProfile(world);
    const at = (path: string) => world.checkout.at(path);
    return [
      ...missing.map((path): Change => ({ what: "folder", target: at(path), detail: "0700" })),
      ...open.map((path): Change => ({ what: "folder", target: at(path), detail: "from now on 0700" })),
    ];
  },
  async run(world, job): Promise<Receipt> {
    const { machine, checkout } = world;
    const root = checkout.root;
    // This is the first step that writes into the checkout, so what git says now is how it was.
    await takeBaseline(world, job.signal);
    const owner = await machine.files.facts(root);
    const { root: weAreRoot } = await machine.facts();
    const receipt: Receipt = { root, made: [], tightened: [] };
    for (const path of [...privateFolders, ...workingFolders]) {
      const place = checkout.at(path);
      const facts = await machine.files.facts(place);
      if (facts === undefined) {
        for (const folder of await machine.files.makeFolder(place, privateMode)) {
          // In a tree that belongs to a person, what root makes belongs to that person too.
          if (weAreRoot && owner && owner.uid !== 0) await machine.files.setOwner(folder, owner.uid, owner.gid);
          receipt.made.push(folder.slice(root.length + 1));
        }
      } else if (privateFolders.includes(path) && !isPrivate(facts)) {
        receipt.tightened.push({ path, mode: facts.mode });
        await job.spent(receipt);
        await machine.files.setMode(place, privateMode);
      }
      await job.spent(receipt);
    }
    return receipt;
  },
  undo: {
    async takeBack({ machine, paths }, { root, made, tightened }, job) {
      const left: string[] = [];
      for (const path of [...made].reverse()) {
        // The folder was not there before us, so what lies in it came after: REC.IO's own files go, any other stays.
        for (const file of await filesBelow(machine, root, path)) {
          if (isWrittenByRecio(file)) await machine.files.remove(`${root}/${file}`);
        }
        const gone =
          (await machine.files.removeFolder(`${root}/${path}`)) || !(await machine.files.facts(`${root}/${path}`));
        if (!gone) left.push(path);
      }
      for (const { path, mode } of tightened) {
        const facts = await machine.files.facts(`${root}/${path}`);
        if (facts?.kind === "folder" && facts.mode === privateMode)
          await machine.files.setMode(`${root}/${path}`, mode);
      }
      await machine.files.remove(baselineFile({ paths }));
      if (left.length === 0) return;
      const innermost = left.filter((path) => !left.some((other) => other.startsWith(`${path}/`)));
      for (const path of innermost)
        job.log(`${path} stays: ${(await machine.files.list(`${root}/${path}`)).length} entries in it are not ours`);
      throw new Problem({
        code: "profile.files-stay",
        says: `${innermost.join(", ")} ${innermost.length === 1 ? "stays" : "stay"} in the checkout, because there are files in it that this installer did not make.`,
        remedy: sentence("Look at them, and remove the folder yourself when nothing in it is needed."),
      });
    },
  },
});
