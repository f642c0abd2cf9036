import { join } from "node:path";
import { z } from "zod";
import {
  type HookRecord,
  hookFiles,
  hookRecord,
  installedHookFile,
  shippedHookFile,
  shownAccountMode,
} from "../../../checkout/hook/hook-files.ts";
import { environmentStamp } from "../../../checkout/python/find-python.ts";
import { type AnyProbe, type Finding, probe } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { spokenEnvironment } from "../../../kalshi/ladder/outcomes.ts";
import { keptAnswer } from "../../../machine/kept-answer.ts";
import { stampOfAll } from "../../../machine/kept-reading.ts";
import { repairedBy, sentence } from "../../../problem.ts";
import { environmentOfPrograms } from "../../../supervisor/desired-configuration.ts";
import { hookLiveFolder } from "../../../supervisor/program-environment.ts";
import { openToOthers, programsUser } from "../../../supervisor/programs-user/programs-user.ts";

const installAgain = repairedBy("install-hook", "Install the start-up hook");

/** One answer of check.py. */
const selfTest = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), says: z.string() })),
});

/** The word that the hook leaves inside a program (rec_hook/presence.py). */
const presence = z.object({ pid: z.number(), patched: z.array(z.string()), databaseAt: z.number().nullable() });

/** The files are as this product ships them, and nobody else can read or change them. */
const filesProbe = (answers: Pick<Answers, "consent">) =>
  probe({
    id: "hook-files",
    title: "The start-up hook is installed",
    group: "Services",
    label: "machine",
    everyMs: 10_000,
    async collect({ machine, paths }) {
      const differing: string[] = [];
      const open: string[] = [];
      const user = await programsUser({ machine, paths });
      for (const file of hookFiles) {
        const place = join(paths.hook, file);
        const [shipped, installed, facts] = await Promise.all([
          shippedHookFile(machine, file),
          installedHookFile(machine, paths, file),
          machine.files.facts(place),
        ]);
        if (shipped !== installed) differing.push(file);
        else if (facts && openToOthers(facts, user)) open.push(file);
      }
      return { differing, open, shims: (await hookRecord(machine, paths))?.shims };
    },
    judge({ differing, open, shims }): Finding {
      if (differing.length === hookFiles.length) {
        return { level: "fail", says: "The start-up hook is not installed.", remedy: installAgain };
      }
      if (differing.length > 0) {
        return {
          level: "fail",
          says: `${differing.join(", ")} of the start-up hook is missing or was changed.`,
          remedy: installAgain,
        };
      }
      if (open.length > 0) {
        return {
          level: "fail",
          says: `${open.join(", ")} of the start-up hook is open to others.`,
          remedy: installAgain,
        };
      }
      if (!shims) return { level: "fail", says: "The hook's record of shims is missing.", remedy: installAgain };
      if (shims.includes("kalshi-today") !== (answers.consent.translateKalshi ?? false)) {
        const says = answers.consent.translateKalshi
          ? "The translation of today's Kalshi was chosen and is not in use."
          : "The translation of today's Kalshi is in use and was not chosen.";
        return { level: "fail", says, remedy: installAgain };
      }
      const using = shims.length > 0 ? `; shims in use: ${shims.join(", ")}` : "; no shim is in use";
      return { level: "ok", says: `The hook's ${hookFiles.length} files are as this product ships them${using}.` };
    },
  });

type SelfTestFacts = { answer: z.infer<typeof selfTest> } | { broken: string };

/** It starts a Python that imports every framework, about a second of a core: once an hour where nothing has changed. */
const passed = keptAnswer<SelfTestFacts>(3_600_000, (facts) => "answer" in facts && facts.answer.ok);

/** The hook takes in the programs' interpreter: database, listeners, account mode, paths, order gate, shims. */
const selfTestProbe = probe({
  id: "hook-self-test",
  title: "The start-up hook takes in REC.IO's interpreter",
  group: "Services",
  label: "machine",
  everyMs: 60_000,
  timeoutMs: 60_000,
  async collect(world, signal) {
    const { machine, paths, checkout } = world;
    if (!(await machine.files.facts(join(paths.hook, "check.py")))) return undefined;
    const user = await programsUser(world);
    const { REC_HOOK_LIVE: _, ...env } = await environmentOfPrograms(world);
    const places = [...hookFiles.map((file) => join(paths.hook, file)), paths.hookSettings, paths.accountMode];
    const stamp = [
      JSON.stringify([env, user]),
      await environmentStamp(machine, checkout.python),
      await stampOfAll(machine.files, places),
    ];
    return passed(checkout.python, stamp.join(" "), async (): Promise<SelfTestFacts> => {
      const { stdout, stderr, code } = await machine.exec(
        checkout.python,
        [join(paths.hook, "check.py"), "self-test"],
        { cwd: checkout.root, env, signal, timeoutMs: 50_000, ...(user ? { as: user } : {}) },
      );
      try {
        return { answer: selfTest.parse(JSON.parse(stdout)) };
      } catch {
        const last = stderr.trim().split("\n").at(-1) ?? "";
        return { broken: last || `exit status ${code}` };
      }
    });
  },
  judge(facts): Finding {
    if (!facts) return { level: "fail", says: "The start-up hook is not installed.", remedy: installAgain };
    if ("broken" in facts) {
      return { level: "fail", says: `The hook's self-test does not run: ${facts.broken}.`, remedy: installAgain };
    }
    const { checks, ok } = facts.answer;
    const evidence = {
      asked: "check.py self-test",
      cameBack: checks.map(({ name, says }) => `${name}: ${says}`).join("\n"),
    };
    if (ok)
      return {
        level: "ok",
        says: `The hook passed ${checks.length} of ${checks.length} self-tests in REC.IO's interpreter.`,
        evidence,
      };
    const failed = checks.filter((check) => !check.ok).map(({ name, says }) => `${name} (${says})`);
    return { level: "fail", says: `The hook does not take: ${failed.join("; ")}.`, remedy: installAgain, evidence };
  },
});

/** REC.IO is shown the account mode that was chosen. That it really asks there is another probe's (asked hosts). */
function accountModeProbe(answers: Answers): AnyProbe {
  const chosen = answers.kalshi.environment;
  return probe({
    id: "account-mode",
    title: `REC.IO's account mode is ${spokenEnvironment(chosen)}`,
    group: "Safety",
    label: "machine",
    everyMs: 5_000,
    collect: async ({ machine, paths }) => ({
      shown: await shownAccountMode(machine, paths),
      installed: (await hookRecord(machine, paths))?.accountMode,
    }),
    judge: ({ shown, installed }: { shown?: "demo" | "prod"; installed?: HookRecord["accountMode"] }): Finding => {
      if (!shown) {
        return {
          level: "fail",
          says: "The account mode is not set, so REC.IO takes it for demo.",
          remedy: installAgain,
        };
      }
      if (shown === chosen) return { level: "ok", says: `The account mode is ${spokenEnvironment(shown)}.` };
      if (installed !== chosen) {
        const says = `The account mode is ${spokenEnvironment(shown)}, chosen is ${spokenEnvironment(chosen)}.`;
        return { level: "fail", says, remedy: installAgain };
      }
      const money = shown === "prod" ? "real money" : "play money";
      return {
        level: "warn",
        says: `The account mode was switched to ${spokenEnvironment(shown)} (${money}) in REC.IO; installed was ${spokenEnvironment(chosen)}.`,
        remedy: sentence(
          `Switch it back to ${spokenEnvironment(chosen)} in REC.IO, or give REC.IO the other environment under Kalshi on this page.`,
        ),
      };
    },
  });
}

/** Every running program carries the hook inside its very process, as the hook itself left word. */
const liveProbe = probe({
  id: "hook-live",
  title: "Every program runs with the start-up hook",
  group: "Safety",
  label: "machine",
  everyMs: 10_000,
  async collect({ machine, paths, supervisor }) {
    const running = (await supervisor.programs()).filter(({ state, pid }) => state === "RUNNING" && pid !== undefined);
    return Promise.all(
      running.map(async ({ name, pid }) => {
        const text = await machine.files.read(join(hookLiveFolder(paths), `${name}.json`));
        const parsed = presence.safeParse(text === undefined ? undefined : JSON.parse(text));
        return { name, pid, ...(parsed.success ? { word: parsed.data } : {}) };
      }),
    );
  },
  judge(programs): Finding {
    const without = programs.filter(({ pid, word }) => word?.pid !== pid).map(({ name }) => name);
    if (without.length > 0) {
      return {
        level: "fail",
        says: `${without.join(", ")} runs without the start-up hook.`,
        remedy: sentence(`Restart ${without.join(", ")} with npm run recio -- restart.`),
        objects: without,
      };
    }
    if (programs.length === 0) {
      const remedy = repairedBy("start-services", "Start REC.IO's services");
      return { level: "fail", says: "No program runs, so no hook can be seen.", remedy };
    }
    const connected = programs.filter(({ word }) => word?.databaseAt != null).length;
    return {
      level: "ok",
      says: `${programs.length} programs carry the hook; ${connected} opened the database through it.`,
    };
  },
});

/** What the step install-hook must bring about. */
export function hookProbes(answers: Answers): [AnyProbe, ...AnyProbe[]] {
  return [filesProbe(answers) as AnyProbe, accountModeProbe(answers), selfTestProbe];
}

/** What stays true while programs run. */
export function liveHookProbes(): AnyProbe[] {
  return [liveProbe];
}
