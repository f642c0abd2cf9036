import { dirname } from "node:path";
import { type Step, step } from "../../engine/step.ts";
import { supervisorConfigurationProbes } from "../../health/probes/services/supervisor.ts";
import { desiredConfiguration } from "../../supervisor/desired-configuration.ts";
import { programsGetOwnUser, programsUser, programsUserName } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";

/** What this step made. `links` lie in the checkout's logs/, `madeLogs` says that the folder itself is ours. */
type Receipt = { folder: string; links: string[]; madeLogs: string[] };

type Needs = Pick<World, "machine" | "paths" | "checkout">;

/** The logs by the names under which REC.IO's own log viewer looks for them: `logs/<program>.{out,err}.log`. */
async function viewerLinks({ checkout, paths }: Needs): Promise<{ from: string; to: string }[]> {
  const programs = await checkout.supervised();
  return programs.flatMap(({ name }) =>
    ["out", "err"].map((stream) => ({
      from: checkout.at("logs", `${name}.${stream}.log`),
      to: `${paths.programLogs}/${name}.${stream}.log`,
    })),
  );
}

/**
 * Writes supervisord.conf into the state folder and, so that the log viewer of REC.IO's page works (main.py:3919 looks
 * into <checkout>/logs), links there. git ignores that folder; what already has such a name is left as it is.
 */
export function writeSupervisorConfiguration(): Step<keyof World, Receipt> {
  return step<keyof World, Receipt>({
    id: "write-supervisor-configuration",
    title: "Write supervisord's configuration",
    why: "Each program runs under a supervisord of our own, on its own socket, with the hook first on its path and no password in its environment.",
    probes: supervisorConfigurationProbes(),
    async describe(world) {
      const { paths, checkout } = world;
      const own = await programsGetOwnUser(world);
      const asWhom = own ? `; the programs run as ${programsUserName(paths)}` : "";
      return [
        {
          what: "file",
          target: paths.supervisorConf,
          detail: `${own ? "0640" : "0600"}, no program starts by itself, no HTTP server${asWhom}`,
        },
        {
          what: "folder",
          target: paths.programLogs,
          detail: `${own ? "2750" : "0700"}, both streams of every program, 10 MB × 4 each`,
        },
        {
          what: "folder",
          target: checkout.at("logs"),
          detail: "links to these logs, for REC.IO's own log viewer; git ignores it",
        },
      ];
    },
    async run(world, job) {
      const { machine, paths, checkout, supervisor } = world;
      // Rendered first: what cannot be written must not leave half of it behind.
      const text = await desiredConfiguration(world);
      const receipt: Receipt = { folder: paths.supervisor, links: [], madeLogs: [] };
      await job.spent(receipt);
      const user = await programsUser(world);
      const reader = user && { uid: 0, gid: user.gid };
      for (const [folder, forGroup] of [
        [paths.supervisor, 0o710],
        // What is made in the folder of the logs gets its group, so that the programs' pages can show it.
        [paths.programLogs, 0o2750],
      ] as const) {
        await machine.files.makeFolder(folder, 0o700);
        if (reader) await machine.files.setOwner(folder, reader.uid, reader.gid);
        await machine.files.setMode(folder, reader ? forGroup : 0o700);
      }
      await machine.files.write(paths.supervisorConf, text, reader ? 0o640 : 0o600, reader);
      receipt.madeLogs = await machine.files.makeFolder(checkout.at("logs"), 0o700, user);
      await job.spent(receipt);
      for (const { from, to } of await viewerLinks(world)) {
        if (await machine.files.facts(from)) continue;
        receipt.links.push(from);
        await job.spent(receipt);
        await machine.exec("ln", ["-s", "--", to, from]);
      }
      if ((await supervisor.daemon()) !== undefined) {
        await supervisor.reread();
        job.log("supervisord has read it; programs whose entry changed are stopped until the services are started.");
      }
      return receipt;
    },
    undo: {
      async takeBack({ machine }, { folder, links, madeLogs }, job) {
        for (const link of links) {
          if ((await machine.files.facts(link))?.kind === "link") await machine.files.remove(link);
        }
        // REC.IO's programs write logs of their own there; those stay with the checkout.
        for (const made of [...madeLogs].reverse()) {
          if ((await machine.files.list(made).catch(() => ["unknown"])).length === 0) {
            await machine.files.removeTree(made, dirname(made));
          }
        }
        await machine.files.removeTree(folder);
        job.log(`${folder} is removed.`);
      },
    },
  });
}
