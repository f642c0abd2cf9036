import { setMaxListeners } from "node:events";
import { type Answer, ask } from "../engine/ask.ts";
import { secondsOfWarmUp } from "../engine/probe.ts";
import type { World } from "../world.ts";
import type { AskedQuestion } from "./report.ts";

export interface Monitor {
  /** The last answer to each question, by its id. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly questions: readonly AskedQuestion[];
  /** Asks everything (or one question) now; resolves when the answers are in. */
  lookAgain(id?: string): Promise<void>;
  /** An answer that somebody else got, as a run does when it carries out a proof. */
  learn(id: string, answer: Answer): void;
  /** While held, nothing is asked by the clock: a run is changing the world. */
  hold(held: boolean): void;
  /** True while a run is changing the world: the answers of that time are no history. */
  readonly held: boolean;
  stop(): void;
}

export interface MonitorOptions {
  questions: readonly AskedQuestion[];
  world: World;
  /** Answers from an earlier life, as the proofs' are kept on disk. They keep their age. */
  known?: ReadonlyMap<string, Answer>;
  onAnswer?: (id: string, answer: Answer) => void;
  onBug?: (thrown: unknown, where: string) => void;
  /** How many questions are asked at the same time. */
  atOnce?: number;
}

const tickMs = 500;

/**
 * What does not hold is asked again soon, so that a mended thing is seen to be mended: what must hold for "installed"
 * first, what only trading needs a little later, for an exchange is not asked every few seconds. The rest keeps its pace.
 */
const mendedSoonMs: Readonly<Record<AskedQuestion["need"], number>> = {
  installed: 5_000,
  tradable: 10_000,
  no: Number.POSITIVE_INFINITY,
};

function nextAfterMs({ question, need }: AskedQuestion, answer: Answer | undefined): number {
  const level = answer?.finding.level;
  const bad = level === "fail" || level === "unknown";
  if (bad) return Math.min(question.everyMs, mendedSoonMs[need]);
  // A warm-up says when it is over: "40 s left" must not stand there for five minutes.
  const warming = answer && secondsOfWarmUp(answer.finding);
  return warming === undefined ? question.everyMs : Math.min(question.everyMs, Math.max(1, warming) * 1000);
}

/**
 * When a question is due again: at the next beat of its own interval on the clock that all share. Questions of the same
 * interval then fall together, and those that read the same thing read it once.
 */
function dueAgain(intervalMs: number, now: number): number {
  return now - (now % intervalMs) + intervalMs;
}

/**
 * Keeps looking: asks each question at its own interval, a few at a time, proofs one after another (their canaries
 * would meet). One clock for all, so that a machine at rest stays at rest.
 */
export function startMonitor({ questions, world, known, onAnswer, onBug, atOnce = 4 }: MonitorOptions): Monitor {
  const answers = new Map<string, Answer>(known);
  const due = new Map<string, number>(
    questions.map((asked) => {
      const answer = known?.get(asked.question.id);
      return [asked.question.id, (answer?.at ?? Number.NEGATIVE_INFINITY) + nextAfterMs(asked, answer)];
    }),
  );
  const inHand = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  // A look at everything has as many questions in hand as there are; each takes its listener off again with its answer.
  setMaxListeners(0, stopping.signal);
  let held = false;
  let proving: Promise<void> = Promise.resolve();

  function take(id: string, answer: Answer) {
    answers.set(id, answer);
    onAnswer?.(id, answer);
  }

  function askNow(asked: AskedQuestion): Promise<void> {
    const { question } = asked;
    const already = inHand.get(question.id);
    if (already) return already;
    const once = async () => {
      const answer = await ask(question, world, stopping.signal, onBug);
      if (!stopping.signal.aborted) take(question.id, answer);
    };
    if (question.kind === "proof") proving = proving.then(once);
    const work = question.kind === "proof" ? proving : once();
    const done = work.finally(() => {
      inHand.delete(question.id);
      due.set(question.id, dueAgain(nextAfterMs(asked, answers.get(question.id)), Date.now()));
      // What waited for a free place need not wait for the next tick as well.
      if (!stopping.signal.aborted) tick();
    });
    inHand.set(question.id, done);
    return done;
  }

  function tick() {
    if (held) return;
    const now = Date.now();
    const waiting = questions
      .filter(({ question }) => !inHand.has(question.id) && (due.get(question.id) ?? 0) <= now)
      .sort((a, b) => (due.get(a.question.id) ?? 0) - (due.get(b.question.id) ?? 0));
    const probesInHand = () =>
      questions.filter(({ question }) => question.kind === "probe" && inHand.has(question.id)).length;
    for (const asked of waiting) {
      if (asked.question.kind === "probe" && probesInHand() >= atOnce) continue;
      void askNow(asked);
    }
  }

  const clock = setInterval(tick, tickMs);
  clock.unref();
  tick();

  return {
    answers,
    questions,
    async lookAgain(id) {
      await Promise.all(questions.filter(({ question }) => id === undefined || question.id === id).map(askNow));
    },
    learn(id, answer) {
      const asked = questions.find(({ question }) => question.id === id);
      due.set(id, Date.now() + (asked ? nextAfterMs(asked, answer) : 0));
      take(id, answer);
    },
    hold(now) {
      held = now;
      if (!held) tick();
    },
    get held() {
      return held;
    },
    stop() {
      clearInterval(clock);
      stopping.abort();
    },
  };
}
