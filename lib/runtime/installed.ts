import type { Answer } from "../engine/ask.ts";
import { type History, openHistory } from "../health/history.ts";
import { type Monitor, startMonitor } from "../health/monitor.ts";
import { type AskedQuestion, type HealthReport, healthReport } from "../health/report.ts";
import { watchingWorld } from "../health/watching/watching-world.ts";
import type { World } from "../world.ts";

/** The answers of proofs as they are kept on disk between two lives of the server, by proof id. */
export type KeptEvidence = Record<string, Answer>;

/** What keeps looking at an installation. */
export interface Watch {
  report(): HealthReport;
  history: History;
  monitor: Monitor;
  close(): Promise<void>;
}

/** The answers of proofs in the state folder, as far as they can be read. */
export async function readEvidence(world: Pick<World, "machine" | "paths">): Promise<Map<string, Answer>> {
  const text = await world.machine.files.read(world.paths.evidence);
  if (!text) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(text) as KeptEvidence));
  } catch {
    // A torn file is no evidence; the proofs are simply asked again.
    return new Map();
  }
}

const noteEveryMs = 10_000;
const saveEveryMs = 5_000;

/**
 * Begins to watch an installation: all its questions by the clock, the history a point a minute, and the proofs'
 * evidence on disk, so that `doctor` can show it with its age.
 */
export async function watch(options: {
  world: World;
  questions: readonly AskedQuestion[];
  onBug: (thrown: unknown, where: string) => void;
}): Promise<Watch> {
  const { world, questions, onBug } = options;
  const files = world.machine.files;
  const known = await readEvidence(world);
  const history = await openHistory(files, world.paths.history);
  const proofs = new Set(
    questions.filter(({ question }) => question.kind === "proof").map(({ question }) => question.id),
  );
  let unsaved = false;
  let saving: Promise<void> = Promise.resolve();

  const monitor = startMonitor({
    questions,
    world: watchingWorld(world),
    known,
    onBug,
    onAnswer: (id) => {
      if (proofs.has(id)) unsaved = true;
    },
  });
  const report = () =>
    healthReport(questions, monitor.answers, { now: Date.now(), rehearsal: world.kind === "rehearsal" });

  function save() {
    if (!unsaved) return;
    unsaved = false;
    const kept = Object.fromEntries([...monitor.answers].filter(([id]) => proofs.has(id)));
    saving = saving
      .then(() => files.write(world.paths.evidence, JSON.stringify(kept), 0o600))
      .catch((thrown: unknown) => onBug(thrown, "evidence"));
  }

  const savings = setInterval(save, saveEveryMs);
  const notes = setInterval(() => {
    if (!monitor.held) void history.note(report()).catch((thrown: unknown) => onBug(thrown, "history"));
  }, noteEveryMs);
  savings.unref();
  notes.unref();

  return {
    report,
    history,
    monitor,
    async close() {
      clearInterval(savings);
      clearInterval(notes);
      monitor.stop();
      save();
      await saving;
    },
  };
}
