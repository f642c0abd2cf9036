import { type EntryState, type RunState, unbornRun } from "../engine/state.ts";
import type { HealthReport } from "../health/report.ts";
import { Problem, sentence } from "../problem.ts";
import type { Runtime, TradingState } from "../runtime.ts";
import type { MakeRuntime } from "./make-runtime.ts";

const installedHealth: HealthReport = {
  status: "ok",
  installed: true,
  tradable: false,
  rehearsal: false,
  checkedAt: 1,
  reasons: { installed: [], tradable: [] },
  probes: [],
};
const untouched: HealthReport = {
  ...installedHealth,
  status: "down",
  installed: false,
  reasons: { installed: ["Nothing is installed yet."], tradable: [] },
};

const notHere = (): never => {
  throw new Problem({
    code: "fixture.not-here",
    says: "The fixture does not do this.",
    remedy: sentence("Ask the real runtime."),
  });
};

/** A runtime in memory for the tests of the server and the doors: what it was told is what it answers. */
export const makeFixtureRuntime: MakeRuntime = async ({ settings, paths, kind, version }) => {
  let run: RunState | undefined;
  let mode: TradingState["mode"] = "absent";
  const trading = async (): Promise<TradingState> => ({ mode, intact: true, attempts: { count: 0 } });
  const held: Record<string, true> = {};
  const runtime: Runtime = {
    kind,
    settings,
    paths,
    version,
    draft: async () => ({}),
    saveDraft: async (patch) => patch,
    heldSecrets: () => held,
    holdSecrets: (secrets) => {
      for (const name of Object.keys(secrets)) held[name] = true;
    },
    forgetSecrets: () => {},
    findCheckouts: async () => [],
    findDatabases: async () => [],
    inquire: notHere,
    inquiry: () => undefined,
    followInquiry: notHere,
    cancelInquiry: () => {},
    describePlan: async (answers) => ({
      hash: `hash of ${answers.person.userId}`,
      entries: [
        { kind: "gate", id: "machine", title: "This machine can carry it", changes: [] },
        {
          kind: "step",
          id: "write-configuration",
          title: "Write the configuration",
          changes: [{ what: "file", target: "/somewhere/.env", detail: "mode 0600" }],
        },
      ],
      notes: [],
      blockers:
        answers.person.userId === "blocked"
          ? [{ entryId: "machine", says: "The disk is full.", remedy: sentence("Free 10 GB.") }]
          : [],
    }),
    start: async (answers, consentHash) => {
      if (consentHash !== `hash of ${answers.person.userId}`)
        throw new Problem({ code: "plan.out-of-date", says: "The plan is out of date." });
      const done = answers.person.userId !== "failing";
      const entry: EntryState = {
        kind: "step",
        id: "write-configuration",
        title: "Write the configuration",
        changes: [],
        findings: [],
        status: "waiting",
      };
      run = {
        ...unbornRun,
        runId: "run-1",
        status: done ? "done" : "failed",
        startedAt: 1,
        lastSeq: 3,
        entries: done
          ? [{ ...entry, status: "done", says: "The file is there.", tookMs: 12 }]
          : [
              {
                ...entry,
                status: "failed",
                problem: {
                  code: "fixture.failed",
                  says: "The file could not be written.",
                  remedy: sentence("Make room."),
                },
              },
            ],
      };
      return { runId: "run-1" };
    },
    resume: notHere,
    describeRepair: notHere,
    repair: notHere,
    undo: notHere,
    stop: notHere,
    runs: async () => (run ? [{ runId: run.runId, purpose: "install", startedAt: 1, status: run.status }] : []),
    runState: async (runId) => (run?.runId === runId ? run : undefined),
    followRun: notHere,
    installation: async () => undefined,
    health: () => (run?.status === "done" ? installedHealth : untouched),
    history: async () => [],
    lookAgain: async () => {},
    programs: async () => [{ name: "trade_manager", state: "RUNNING", upForMs: 5_000 }],
    logTail: async (program, stream, lines) => [`${program} ${stream} ${lines}`],
    recio: async (action, program) => {
      if (program === "no_such_program")
        throw new Problem({
          code: "recio.unknown-program",
          says: `There is no program ${program}.`,
          remedy: sentence(`Try to ${action} another.`),
        });
    },
    trading,
    lockTrading: async () => {
      mode = "none";
    },
    releaseTrading: async (wanted, typed) => {
      if (typed !== "release")
        throw new Problem({ code: "trading.not-confirmed", says: "The word release was not typed." });
      mode = wanted;
    },
    connectionUri: async () => "postgresql://rec_io_user@127.0.0.1:15432/rec_io_db",
    describeUninstall: async () => ({ goes: run ? ["/somewhere/.env"] : [], stays: ["the checkout"] }),
    uninstall: async () => {
      const takenBack = run ? ["/somewhere/.env"] : [];
      run = undefined;
      return { takenBack, left: [] };
    },
    shutdown: async () => {},
  };
  return runtime;
};
