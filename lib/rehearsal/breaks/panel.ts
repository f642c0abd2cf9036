import type { HealthReport, HealthRow } from "../../health/report.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import { allBreaks } from "./all-breaks.ts";
import type { Break, BreakGround, Claim } from "./break.ts";

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
}

/** The switches of "Break it yourself". */
export interface BreakPanel {
  states(): Promise<BreakState[]>;
  /** Breaks one thing. Only in an installed rehearsal, one at a time. @throws Problem */
  throw(name: string): Promise<void>;
  /** Presses the remedy's button, or switches back where there is none. */
  repair(name: string): Promise<void>;
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

interface Thrown {
  one: Break;
  state: BreakState;
}

const isGood = (row: HealthRow | undefined) => row?.level === "ok" || row?.level === "warn";

/** The finding that a break must bring about, if it is there. Pure. */
export function foundBy(one: Break, report: HealthReport, since: number): HealthRow | undefined {
  const { probes, level, cause } = one.expects;
  return report.probes.find(
    (row) => probes.includes(row.id) && row.checkedAt >= since && row.level === level && cause.test(row.says),
  );
}

/** Everything is as good again as it was before: the findings that were to turn, and the verdicts. Pure. */
export function greenAgain(one: Break, report: HealthReport, since: number, tradable: boolean): boolean {
  const rows = report.probes.filter(({ id }) => one.expects.probes.includes(id));
  const turned = (row: HealthRow) => row.level === one.expects.level && one.expects.level !== "ok";
  const asked = (row: HealthRow) => row.checkedAt >= since || one.expects.level === "ok";
  const good = rows.every((row) => asked(row) && isGood(row) && !turned(row));
  return good && report.installed && (report.tradable || !tradable);
}

export function breakPanel({ ground, health, onBug }: PanelOptions): BreakPanel {
  const last = new Map<string, BreakState>();
  let thrown: Thrown | undefined;
  let wasTradable = false;
  let clock: NodeJS.Timeout | undefined;

  function rest() {
    clearInterval(clock);
    clock = undefined;
    thrown = undefined;
  }

  function look() {
    if (!thrown) return;
    const { one, state } = thrown;
    const report = health();
    if (!state.found && state.thrownAt !== undefined) {
      const row = foundBy(one, report, state.thrownAt);
      if (row)
        state.found = {
          afterMs: row.checkedAt - state.thrownAt,
          probe: row.id,
          level: row.level,
          says: row.says,
        };
    }
    if (state.mendedAt !== undefined && greenAgain(one, report, state.mendedAt, wasTradable)) {
      state.greenAfterMs = Date.now() - state.mendedAt;
      rest();
    }
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

  function named(name: string): Break {
    const one = allBreaks.find((candidate) => candidate.name === name);
    if (one) return one;
    throw new Problem({ code: "rehearsal.no-such-switch", says: "There is no such switch." });
  }

  async function putRight(name: string, way: (one: Break, on: BreakGround) => Promise<void>): Promise<void> {
    const one = named(name);
    const on = await needGround();
    const state = thrown?.one === one ? thrown.state : last.get(name);
    // The watch runs from the press of the button, not from the end of the repair.
    const pressedAt = Date.now();
    await way(one, on);
    if (state) state.mendedAt = pressedAt;
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

  return {
    async states() {
      return Promise.all(
        allBreaks.map(async (one) => {
          const state = last.get(one.name) ?? { name: one.name, title: one.title, withinMs: one.withinMs, claims: [] };
          const isOn = thrown?.one === one && state.mendedAt === undefined;
          return {
            ...state,
            claims: isOn ? await claimsOf(one) : [],
            ...(one.remedy ? { remedy: one.remedy } : {}),
          };
        }),
      );
    },
    async throw(name) {
      const one = named(name);
      if (thrown && thrown.state.mendedAt === undefined)
        throw new Problem({
          code: "rehearsal.already-broken",
          says: `Broken already: ${thrown.one.title}.`,
          remedy: sentence("Switch that back first: one cause at a time can be told apart."),
        });
      rest();
      const on = await needGround();
      wasTradable = health().tradable;
      const state: BreakState = { name, title: one.title, withinMs: one.withinMs, claims: [] };
      thrown = { one, state };
      try {
        state.thrownAt = Date.now();
        await one.throw(on);
      } catch (error) {
        rest();
        throw error;
      }
      last.set(name, state);
      clock = setInterval(look, lookEveryMs);
      clock.unref();
    },
    repair: (name) =>
      putRight(name, async (one, on) => {
        if (one.remedy) await on.repair(one.remedy.stepId);
        await one.mend(on);
      }),
    mend: (name) => putRight(name, (one, on) => one.mend(on)),
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
