import { baselineFile, takeBaseline } from "../../checkout/baseline.ts";
import { isWrittenByRecio, privateFolders, workingFolders } from "../../checkout/profile.ts";
import { type Change, type Step, step } from "../../engine/step.ts";
import { isPrivate, lookAtProfile, profileProbe } from "../../health/probes/checkout/profile.ts";
import { Problem, sentence } from "../../problem.ts";
import { programsGetOwnUser, programsUser, programsUserName } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths">;

/** Paths relative to the checkout. `tightened` keeps the mode that each folder had. */
type Receipt = {
  readonly root: string;
  readonly made: string[];
  readonly tightened: { readonly path: string; readonly mode: number }[];
  /** Whose each folder was that is now the programs' user's, with everything in it. */
  readonly given?: { readonly path: string; readonly uid: number; readonly gid: number }[];
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

/** The outermost of these folders: what is in them goes with them. Pure. */
function outermost(foreign: readonly string[]): string[] {
  return foreign.filter((path) => !foreign.some((other) => path !== other && path.startsWith(`${other}/`)));
}

/** Gives a folder and everything in it that belongs to one user to another; what a third one owns stays his. Follows no link. */
async function give(
  { machine }: Pick<World, "machine">,
  folder: string,
  from: number,
  to: { uid: number; gid: number },
): Promise<void> {
  const who = [`--from=${from}`, "-hR", "-P", "--", `${to.uid}:${to.gid}`, folder];
  const { code, stderr } = await machine.exec("chown", who, { cwd: "/" });
  if (code === 0) return;
  throw new Problem({
    code: "profile.owner-not-changed",
    says: `The folder ${folder} cannot be given to another user.`,
    remedy: sentence("Look at what chown said, and try again."),
    evidence: { asked: "chown", cameBack: stderr.trim().slice(-300) },
  });
}

/** Makes the folders of the profile before REC.IO does, because it makes them readable for everybody. */
export const createProfile: Step<"machine" | "checkout" | "paths", Receipt> = step({
  id: "create-profile",
  title: "Create the profile's folders",
  why: "REC.IO keeps the person's keys and tokens in them, and would make them readable for every user of this machine.",
  probes: [profileProbe],
  async describe(world): Promise<Change[]> {
    const { missing, open, foreign } = await lookAtProfile(world);
    const at = (path: string) => world.checkout.at(path);
    const own = (await programsGetOwnUser(world)) ? programsUserName(world.paths) : undefined;
    return [
      ...missing.map(
        (path): Change => ({ what: "folder", target: at(path), detail: own ? `0700, ${own}'s own` : "0700" }),
      ),
      ...open.map((path): Change => ({ what: "folder", target: at(path), detail: "from now on 0700" })),
      ...outermost(foreign).map(
        (path): Change => ({
          what: "folder",
          target: at(path),
          detail: `from now on ${own}'s own, with what is in it`,
        }),
      ),
    ];
  },
  async run(world, job): Promise<Receipt> {
    const { machine, checkout } = world;
    const root = checkout.root;
    // This is the first step that writes into the checkout, so what git says now is how it was.
    await takeBaseline(world, job.signal);
    const user = await programsUser(world);
    const receipt: Required<Receipt> = { root, made: [], tightened: [], given: [] };
    for (const path of [...privateFolders, ...workingFolders]) {
      const place = checkout.at(path);
      const facts = await machine.files.facts(place);
      if (facts === undefined) {
        for (const folder of await machine.files.makeFolder(place, privateMode, user))
          receipt.made.push(folder.slice(root.length + 1));
      } else if (privateFolders.includes(path) && !isPrivate(facts)) {
        receipt.tightened.push({ path, mode: facts.mode });
        await job.spent(receipt);
        await machine.files.setMode(place, privateMode);
      }
      await job.spent(receipt);
    }
    if (user) {
      for (const path of outermost((await lookAtProfile(world)).foreign)) {
        const facts = await machine.files.facts(checkout.at(path));
        if (!facts) continue;
        receipt.given.push({ path, uid: facts.uid, gid: facts.gid });
        await job.spent(receipt);
        await give(world, checkout.at(path), facts.uid, user);
      }
    }
    return receipt;
  },
  undo: {
    async takeBack({ machine, paths }, { root, made, tightened, given = [] }, job) {
      const left: string[] = [];
      const user = await programsUser({ machine, paths });
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
      for (const { path, uid, gid } of given)
        if (user) await give({ machine }, `${root}/${path}`, user.uid, { uid, gid });
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
