import { z } from "zod";
import { answers, keyAnswer } from "../../install/answers.ts";
import { Problem, sentence } from "../../problem.ts";
import type { Runtime } from "../../runtime.ts";

const nothing = z.object({}).default({});
const program = z.string().min(1).max(100);

/** One call: what goes in, and what the holder does with it. */
function call<Input extends z.ZodType, Output>(
  input: Input,
  run: (runtime: Runtime, input: z.output<Input>) => Promise<Output>,
) {
  return { input, run };
}

function breaksOf(runtime: Runtime) {
  if (runtime.breaks) return runtime.breaks;
  throw new Problem({
    code: "rehearsal.only-there",
    says: "Only a rehearsal can be broken on purpose.",
    remedy: sentence("Begin one with npm run setup -- --rehearsal."),
  });
}

/**
 * What the doors ask of whoever holds the state: over the control socket of a running server, or directly where the door
 * itself took the lock. One table, so that both ways do the same.
 */
export const runtimeCalls = {
  "hold-secrets": call(
    z.object({
      kalshiPrivateKey: z.string().optional(),
      loginPassword: z.string().optional(),
      databaseAdminPassword: z.string().optional(),
      sourcePassword: z.string().optional(),
    }),
    async (runtime, given) => {
      // What an earlier command left in memory is not what this one was given.
      runtime.forgetSecrets();
      runtime.holdSecrets({
        ...(given.kalshiPrivateKey === undefined ? {} : { kalshiPrivateKey: given.kalshiPrivateKey }),
        ...(given.loginPassword === undefined ? {} : { loginPassword: given.loginPassword }),
        ...(given.databaseAdminPassword === undefined ? {} : { databaseAdminPassword: given.databaseAdminPassword }),
        ...(given.sourcePassword === undefined ? {} : { sourcePassword: given.sourcePassword }),
      });
      return {};
    },
  ),
  "describe-plan": call(z.object({ answers }), (runtime, given) => runtime.describePlan(given.answers)),
  "start-run": call(z.object({ answers, consentHash: z.string() }), (runtime, given) =>
    runtime.start(given.answers, given.consentHash),
  ),
  "describe-repair": call(z.object({ stepId: z.string().max(100) }), (runtime, given) =>
    runtime.describeRepair(given.stepId),
  ),
  repair: call(z.object({ stepId: z.string().max(100), consentHash: z.string() }), (runtime, given) =>
    runtime.repair(given.stepId, given.consentHash),
  ),
  "propose-key": call(
    z.object({ kalshi: keyAnswer, privateKey: z.string() }),
    async (runtime, { kalshi, privateKey }) => {
      runtime.proposeKey(kalshi, privateKey);
      return {};
    },
  ),
  "propose-key-before": call(z.object({ runId: z.string() }), async (runtime, { runId }) => {
    await runtime.proposeKeyBefore(runId);
    return {};
  }),
  "describe-key-change": call(nothing, (runtime) => runtime.describeKeyChange()),
  "change-key": call(z.object({ consentHash: z.string() }), (runtime, given) => runtime.changeKey(given.consentHash)),
  runs: call(nothing, (runtime) => runtime.runs()),
  "run-state": call(z.object({ runId: z.string() }), async (runtime, { runId }) => {
    const state = await runtime.runState(runId);
    if (state) return state;
    throw new Problem({
      code: "run.unknown",
      says: `There is no run ${runId} here.`,
      remedy: sentence("Look at the runs on the page."),
    });
  }),
  health: call(z.object({ lookAgain: z.boolean().default(false) }), async (runtime, { lookAgain }) => {
    if (lookAgain) await runtime.lookAgain();
    return runtime.health();
  }),
  recio: call(
    z.object({ action: z.enum(["start", "stop", "restart"]), program: program.optional() }),
    async (runtime, given) => {
      await runtime.recio(given.action, given.program);
      return runtime.programs();
    },
  ),
  "rehearse-update": call(z.object({ commit: z.string().min(1).max(200).optional() }), (runtime, { commit }) =>
    runtime.rehearseUpdate(commit),
  ),
  "describe-update": call(
    z.object({ commit: z.string().min(1).max(200).optional(), anyway: z.boolean().default(false) }),
    (runtime, { commit, anyway }) => runtime.describeUpdate(commit, anyway),
  ),
  update: call(
    z.object({ to: z.string().regex(/^[0-9a-f]{40,64}$/), anyway: z.boolean(), consentHash: z.string() }),
    (runtime, { to, anyway, consentHash }) => runtime.update(to, anyway, consentHash),
  ),
  undo: call(z.object({ runId: z.string().max(100) }), (runtime, { runId }) => runtime.undo(runId)),
  "bring-back": call(nothing, (runtime) => runtime.bringBack()),
  "before-stop": call(nothing, (runtime) => runtime.beforeStop()),
  programs: call(nothing, (runtime) => runtime.programs()),
  "log-tail": call(
    z.object({
      program,
      stream: z.enum(["out", "err"]).default("out"),
      lines: z.number().int().min(1).max(10_000).default(100),
    }),
    (runtime, given) => runtime.logTail(given.program, given.stream, given.lines),
  ),
  trading: call(nothing, (runtime) => runtime.trading()),
  "lock-trading": call(nothing, async (runtime) => {
    await runtime.lockTrading();
    return runtime.trading();
  }),
  "release-trading": call(
    z.object({ mode: z.enum(["manual", "all"]), typed: z.string(), secondWarningSeen: z.boolean() }),
    async (runtime, given) => {
      await runtime.releaseTrading(given.mode, given.typed, given.secondWarningSeen);
      return runtime.trading();
    },
  ),
  "confirm-move": call(z.object({ typed: z.string() }), async (runtime, { typed }) => {
    await runtime.confirmMove(typed);
    return runtime.trading();
  }),
  "back-up": call(z.object({ out: z.string().min(1), passphrase: z.string() }), (runtime, { out, passphrase }) =>
    runtime.backUp(out, passphrase),
  ),
  connection: call(nothing, async (runtime) => ({ uri: await runtime.connectionUri() })),
  "verify-copy": call(nothing, async (runtime) => ({ id: runtime.inquire({ kind: "copied-data" }) })),
  inquiry: call(z.object({ id: z.string() }), async (runtime, { id }) => ({ state: runtime.inquiry(id) })),
  breaks: call(nothing, async (runtime) => breaksOf(runtime).states()),
  break: call(
    z.object({
      name: z.string().max(100),
      action: z.enum(["throw", "repair", "mend"]),
      consentHash: z.string().optional(),
    }),
    async (runtime, { name, action, consentHash }) => {
      await breaksOf(runtime)[action](name, consentHash);
      return breaksOf(runtime).states();
    },
  ),
  "describe-uninstall": call(nothing, (runtime) => runtime.describeUninstall()),
  uninstall: call(nothing, (runtime) => runtime.uninstall()),
};

export type CallName = keyof typeof runtimeCalls;
export type CallInput<Name extends CallName> = z.input<(typeof runtimeCalls)[Name]["input"]>;
export type CallOutput<Name extends CallName> = Awaited<ReturnType<(typeof runtimeCalls)[Name]["run"]>>;

/** What a running server says of itself. */
export interface ServerStatus {
  pid: number;
  port: number;
  version: string;
  kind: "real" | "rehearsal";
  startedAt: number;
  /** False while pages cannot be given yet. */
  ready: boolean;
  installed: boolean;
  tradable: boolean;
  /** True once an installation has come to its end, whatever has broken since: then the page belongs to it. */
  settled: boolean;
  /** The run in hand, if there is one. */
  runId?: string;
}

/**
 * Carries out one call on a runtime.
 * @throws Problem `control.not-understood` where the input is not what the call takes.
 */
export async function carryOut<Name extends CallName>(
  runtime: Runtime,
  name: Name,
  input: unknown,
): Promise<CallOutput<Name>> {
  const { input: schema, run } = runtimeCalls[name] as {
    input: z.ZodType;
    run: (runtime: Runtime, input: unknown) => Promise<unknown>;
  };
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Problem({
      code: "control.not-understood",
      says: `${name} does not take this: ${issue?.path.join(".") || "input"}: ${issue?.message}`,
    });
  }
  return (await run(runtime, parsed.data)) as CallOutput<Name>;
}
