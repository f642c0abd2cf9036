import { isProblem, type ProblemFacts, problemFacts, sentence } from "../../problem.ts";
import type { Rung } from "../../runtime.ts";

/** Raised by a rung that does not hold; the climb ends there. */
class Fallen extends Error {
  readonly problem: ProblemFacts;

  constructor(problem: ProblemFacts) {
    super(problem.says);
    this.problem = problem;
  }
}

/** What a rung found, when it holds. */
export type Held = { says: string; detail?: string; level?: "ok" | "warn"; remedy?: Rung["remedy"] };

export interface Ladder {
  /** Climbs one rung: running, then what it found. A Problem ends the climb; a warning does not. */
  rung(id: string, work: () => Promise<Held>): Promise<void>;
  rungs(): Rung[];
}

/** The result of an inquiry, as the wizard shows it. */
export interface Climbed {
  accepted: boolean;
  says: string;
  problem?: ProblemFacts;
  facts?: Record<string, unknown>;
}

/**
 * Climbs a ladder of questions, telling each change of it. Rungs that were not reached stay waiting.
 * @param titles rung id → what it will ask, in the order of climbing
 */
export async function climb(
  titles: Readonly<Record<string, string>>,
  onRung: (rungs: Rung[]) => void,
  work: (ladder: Ladder) => Promise<Omit<Climbed, "accepted">>,
): Promise<Climbed> {
  let rungs = Object.entries(titles).map(([id, says]): Rung => ({ id, says, level: "waiting" }));
  const change = (id: string, patch: Partial<Rung>) => {
    rungs = rungs.map((rung) => (rung.id === id ? { ...rung, ...patch } : rung));
    onRung(rungs);
  };
  const ladder: Ladder = {
    rungs: () => rungs,
    async rung(id, ask) {
      change(id, { level: "running" });
      const started = performance.now();
      const tookMs = () => Math.round(performance.now() - started);
      try {
        const { level = "ok", ...held } = await ask();
        change(id, { ...held, level, tookMs: tookMs() });
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        const problem = problemFacts(thrown);
        const remedy = problem.remedy ?? sentence("Look into the server's log.");
        change(id, {
          says: problem.says,
          level: "fail",
          remedy,
          tookMs: tookMs(),
          ...(problem.evidence ? { evidence: problem.evidence } : {}),
        });
        throw new Fallen(problem);
      }
    },
  };
  onRung(rungs);
  try {
    return { accepted: true, ...(await work(ladder)) };
  } catch (thrown) {
    if (!(thrown instanceof Fallen)) throw thrown;
    return { accepted: false, says: thrown.problem.says, problem: thrown.problem };
  }
}
