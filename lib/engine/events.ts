import { z } from "zod";

const evidence = z.object({ asked: z.string(), cameBack: z.string(), means: z.string().optional() });
const remedy = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("step"), stepId: z.string(), says: z.string() }),
  z.object({ kind: z.literal("sentence"), says: z.string() }),
]);
const label = z.enum(["machine", "checkout", "exchange"]);
const findingBase = z.object({
  says: z.string(),
  label: label.optional(),
  evidence: evidence.optional(),
  objects: z.array(z.string()).optional(),
});
const warmingUp = z.object({ secondsLeft: z.number() }).optional();
const finding = z.discriminatedUnion("level", [
  findingBase.extend({ level: z.literal("ok") }),
  findingBase.extend({ level: z.literal("warn"), remedy, warmingUp }),
  findingBase.extend({ level: z.literal("fail"), remedy }),
  findingBase.extend({ level: z.literal("unknown"), remedy: remedy.optional(), warmingUp }),
]);
const change = z.object({
  what: z.enum(["user", "file", "folder", "package", "program", "role", "database", "sql", "rows", "port", "process"]),
  target: z.string(),
  detail: z.string().optional(),
});
const problem = z.object({
  code: z.string(),
  says: z.string(),
  remedy: remedy.optional(),
  evidence: evidence.optional(),
});
const json = z.json();
const part = z.object({
  id: z.string(),
  group: z.string(),
  size: z.number(),
  state: z.enum(["waiting", "flowing", "done", "failed"]),
  done: z.number().optional(),
});

/** One entry of the plan as the run's first event carries it, so that a page can be drawn before anything happened. */
const plannedEntry = z.object({
  kind: z.enum(["gate", "step", "proving"]),
  id: z.string(),
  title: z.string(),
  why: z.string().optional(),
  /** What a step said it would change when the person consented. */
  changes: z.array(change).optional(),
});

const of = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), ...shape });
const entry = { entryId: z.string() };

/** Everything that can stand in a journal. Names are `noun.past-participle`. */
export const runEvent = z.discriminatedUnion("type", [
  of("run.started", {
    runId: z.string(),
    purpose: z.enum(["install", "repair", "update", "undo"]),
    /** What the run is about where its purpose does not say it: the commit of an update. */
    subject: z.string().optional(),
    planHash: z.string(),
    pid: z.number(),
    /** Where the world is one for trying: whoever reads the journal must not take it for the real one's. */
    rehearsal: z.literal(true).optional(),
    entries: z.array(plannedEntry),
  }),
  of("run.resumed", { pid: z.number() }),
  of("run.finished", { outcome: z.enum(["done", "failed", "blocked", "stopped", "interrupted"]) }),
  of("entry.started", { ...entry }),
  of("probe.found", {
    ...entry,
    probeId: z.string(),
    title: z.string(),
    when: z.enum(["before", "after"]),
    finding,
    tookMs: z.number(),
  }),
  of("entry.already", { ...entry, says: z.string(), tookMs: z.number() }),
  of("step.intended", { ...entry, changes: z.array(change) }),
  of("step.progressed", {
    ...entry,
    done: z.number(),
    total: z.number(),
    unit: z.string(),
    note: z.string().optional(),
    /** Pieces of the work that are new or have changed since the last event of this kind. */
    parts: z.array(part).optional(),
  }),
  of("step.logged", { ...entry, line: z.string() }),
  of("step.spent", { ...entry, receipt: json }),
  of("step.receipted", { ...entry, receipt: json }),
  of("entry.done", { ...entry, says: z.string(), tookMs: z.number() }),
  of("entry.failed", { ...entry, problem, tookMs: z.number() }),
  of("entry.blocked", { ...entry, problem, tookMs: z.number() }),
  of("step.takenBack", { ...entry, says: z.string() }),
  of("step.notTakenBack", {
    ...entry,
    says: z.string(),
    /** It stays by intention, and was to be expected; absent where something could have gone and did not. */
    stays: z.literal(true).optional(),
  }),
]);
export type RunEvent = z.infer<typeof runEvent>;

/** An event as the journal keeps it: numbered from 1 without gaps, and dated (milliseconds since the epoch). */
export const stamped = z.object({ seq: z.number().int().positive(), at: z.number(), event: runEvent });
export type Stamped = z.infer<typeof stamped>;
