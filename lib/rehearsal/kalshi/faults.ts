import type { Fault } from "./state.ts";

/** The faults that are set, in order; one that has happened as often as it should is gone. */
export interface Faults {
  set(fault: Fault): void;
  clear(): void;
  /** The fault of this path now, if any; counts it. */
  next(path: string): Fault | undefined;
}

export function faults(): Faults {
  let waiting: { fault: Fault; left: number }[] = [];
  return {
    set(fault) {
      waiting.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      waiting = [];
    },
    next(path) {
      const found = waiting.find(({ fault }) => fault.path === "*" || fault.path === path);
      if (!found) return undefined;
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault;
    },
  };
}
