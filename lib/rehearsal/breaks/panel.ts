import type { HealthReport, HealthRow } from "../../health/report.ts";
import { isProblem, Problem, type ProblemFacts, problemFacts, sentence } from "../../problem.ts";
import { allBreaks } from "./all-breaks.ts";
import type { Break, BreakGround, Claim } from "./break.ts";
import { foundBy, greenAgain } from "./watch.ts";

/** One switch as the page draws it. Times in milliseconds. */
export interface BreakState {
  name: string;
  title: string;
  /** Until we must know. */
  withinMs: number;
  /** When it was thrown; absent while it is off. */
  thrownAt?: number;
  /** How long we took: the finding that turned, in its own words. */
  found?: { afterMs: number; probe: string; level: HealthRow["level"]; says: string };
  /** What REC.IO says of itself while it lies. */
  claims: Claim[];
  remedy?: { stepId: string; says: string };
  /** Since it was switched back or repaired: until everything it touched was good again. */
  mendedAt?: number;
  greenAfterMs?: number;
  /** Why it could not be mended when that was last tried; it is still broken then. */
  problem?: ProblemFacts;
}

/** The switches of "Break it yourself". Several may be on at once. */
export interface BreakPanel {
  states(): Promise<BreakState[]>;
  /** Breaks one thing. Only in an installed rehearsal. @throws Problem */
  throw(name: string): Promise<void>;
  /**
   * Begins what the remedy's button shows, as it was shown; where a switch has no remedy it is switched back. Returns at
   * once: `states` tells how it went.
   * @param consentHash of the plan that was shown
   * @throws Problem
   */
  repair(name: string, consentHash?: string): Promise<void>;
  /** Switches back; resolves when that is done. @throws Problem */
  mend(name: string): Promise<void>;
  /** Switches everything back, also what an earlier server of this rehearsal broke; what cannot be mended is left. */
  mendAll(): Promise<void>;
  stop(): void;
}

export interface PanelOptions {
  ground(): Promise<BreakGround | undefined>;
  health(): HealthReport;
  onBug(thrown: unknown, where: string): void;
}

const lookEveryMs = 100;

/** A switch that is on, or was mended and is not green yet. */
interface Watched {
  one: Break;
  state: BreakState;
  /** What was said while it broke. */
  said: Claim[];
  /** False while its remedy is at work. */
  settled: boolean;
}

const isOn = ({ state }: Watched) => state.mendedAt === undefined;

function named(name: string): Break {
  const one = allBreaks.find((candidate) => candidate.name === name);
  if (one) return one;
  throw new Problem({ code: "rehearsal.no-such-switch", says: "There is no such switch." });
}

export function breakPanel({ ground, health, onBug }: PanelOptions): BreakPanel {
  const last = new Map<string, BreakState>();
  const watched = new Map<string, Watched>();
  const before = { tradable: false };
  let clock: NodeJS.Timeout | undefined;

  function rest() {
    clearInterval(clock);
    clock = undefined;
    watched.clear();
  }

  function look() {
    const report = health();
    for (const each of [...watched.values()]) {
      const { one, state } = each;
      const row = state.found || state.thrownAt === undefined ? undefined : foundBy(one, report, state.thrownAt);
      if (row && state.thrownAt !== undefined)
        state.found = {
          afterMs: row.checkedAt - state.thrownAt,
          probe: row.id,
          level: row.level,
          says: row.says,
        };
      const others = [...watched.values()].filter((other) => other !== each && isOn(other)).map((other) => other.one);
      if (state.mendedAt === undefined || !each.settled) continue;
      if (!greenAgain(one, report, state.mendedAt, before, others)) continue;
      state.greenAfterMs = Date.now() - state.mendedAt;
      watched.delete(one.name);
    }
    if (watched.size === 0) rest();
  }

  async function needGround(): Promise<BreakGround> {
    const found = await ground();
    if (found) return found;
    throw new Problem({
      code: "rehearsal.nothing-to-break",
      says: "Nothing is installed in this rehearsal yet.",
      remedy: sentence("Install it first."),
    });
  }

  // One after the other: a run in hand would be taken for the repair that was asked for.
  let turn: Promise<unknown> = Promise.resolve();

  async function putRight(one: Break, way: () => Promise<void>): Promise<void> {
    const each = watched.get(one.name);
    // The watch runs from the press of the button, not from the end of the repair.
    const pressedAt = Date.now();
    if (each) {
      each.settled = false;
      each.state.mendedAt = pressedAt;
      delete each.state.problem;
    }
    const mine = turn.then(way);
    turn = mine.catch(() => undefined);
    try {
      await mine;
    } catch (thrown) {
      if (each) {
        delete each.state.mendedAt;
        if (isProblem(thrown)) each.state.problem = problemFacts(thrown);
      }
      throw thrown;
    } finally {
      if (each) each.settled = true;
    }
  }

  async function claimsOf(one: Break): Promise<Claim[]> {
    try {
      const on = await ground();
      return on ? await one.claims(on) : [];
    } catch (error) {
      // While something is broken much cannot be asked; that is no bug.
      if (!isProblem(error)) onBug(error, `claims of ${one.name}`);
      return [];
    }
  }

  function refuseMixing(one: Break): void {
    const sameThing = [...watched.values()].find(
      (other) => isOn(other) && (one.apartFrom?.includes(other.one.name) || other.one === one),
    );
    if (!sameThing) return;
    throw new Problem({
      code: "rehearsal.already-broken",
      says: `Broken already: ${sameThing.one.title}.`,
      remedy: sentence("Switch that back first: both break the same thing, and could not be told apart."),
    });
  }

  return {
    async states() {
      return Promise.all(
        allBreaks.map(async (one) => {
          const state = last.get(one.name) ?? { name: one.name, title: one.title, withinMs: one.withinMs, claims: [] };
          const each = watched.get(one.name);
          return {
            ...state,
            claims: each && isOn(each) ? [...each.said, ...(await claimsOf(one))] : [],
            ...(one.remedy ? { remedy: one.remedy } : {}),
          };
        }),
      );
    },
    async throw(name) {
      const one = named(name);
      refuseMixing(one);
      const on = await needGround();
      if (watched.size === 0) before.tradable = health().tradable;
      const thrownAt = Date.now();
      const said = await one.throw(on).catch(async (error: unknown) => {
        // Half broken would be neither on nor off.
        await one.mend(on).catch(() => undefined);
        throw error;
      });
      const state: BreakState = { name, title: one.title, withinMs: one.withinMs, claims: [], thrownAt };
      watched.set(name, { one, state, said: said ?? [], settled: true });
      last.set(name, state);
      clock ??= setInterval(look, lookEveryMs).unref();
    },
    async repair(name, consentHash) {
      const one = named(name);
      const on = await needGround();
      const { remedy } = one;
      if (remedy && consentHash === undefined)
        throw new Problem({
          code: "plan.not-shown",
          says: "A repair is agreed to only after it was shown.",
          remedy: sentence("Look at what it would change first."),
        });
      const work = putRight(one, async () => {
        if (remedy) await on.repair(remedy.stepId, consentHash);
        await one.mend(on);
      });
      work.catch((thrown: unknown) => {
        if (!isProblem(thrown)) onBug(thrown, `repairing ${name}`);
      });
    },
    async mend(name) {
      const one = named(name);
      const on = await needGround();
      await putRight(one, () => one.mend(on));
    },
    async mendAll() {
      const on = await ground();
      rest();
      if (!on) return;
      // The database first: most of the others cannot be mended without it.
      const order = [...allBreaks].sort((a, b) => a.withinMs - b.withinMs);
      for (const one of order) {
        await one.mend(on).catch((error: unknown) => {
          if (!isProblem(error)) onBug(error, `mending ${one.name}`);
        });
      }
    },
    stop: rest,
  };
}
