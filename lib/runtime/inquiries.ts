import { randomUUID } from "node:crypto";
import { isProblem, type ProblemFacts, problemFacts, sentence } from "../problem.ts";
import type { InquiryState, Rung } from "../runtime.ts";

/** What an inquiry found: whether the person may go on with it, one sentence, and facts for the page. */
export type InquiryResult = Pick<InquiryState, "accepted" | "says" | "problem" | "facts">;

/** A read-only job that tells its rungs as it climbs them. */
export type Climb = (tell: (rungs: Rung[]) => void, signal: AbortSignal) => Promise<InquiryResult>;

export interface Inquiries {
  begin(kind: InquiryState["kind"], climb: Climb): string;
  get(id: string): InquiryState | undefined;
  follow(id: string, listener: (state: InquiryState) => void): () => void;
  cancel(id: string): void;
  cancelAll(): void;
}

interface Inquiry {
  state: InquiryState;
  stop: AbortController;
  listeners: Set<(state: InquiryState) => void>;
}

/** How many finished inquiries are remembered, so that a reload still finds the last ones. */
const kept = 8;

/** The inquiries of this process. One of a kind at a time: a new one cancels its predecessor. */
export function openInquiries(onBug: (thrown: unknown, where: string) => void): Inquiries {
  const all = new Map<string, Inquiry>();

  function tell(inquiry: Inquiry, change: Partial<InquiryState>) {
    inquiry.state = { ...inquiry.state, ...change };
    for (const listener of [...inquiry.listeners]) listener(inquiry.state);
  }

  async function climbNow(inquiry: Inquiry, climb: Climb) {
    try {
      const result = await climb((rungs) => tell(inquiry, { rungs }), inquiry.stop.signal);
      tell(inquiry, { ...result, done: true, accepted: result.accepted ?? false });
    } catch (thrown) {
      tell(inquiry, { done: true, accepted: false, problem: problemOf(thrown, inquiry) });
    }
  }

  function problemOf(thrown: unknown, inquiry: Inquiry): ProblemFacts {
    if (isProblem(thrown)) return problemFacts(thrown);
    if (inquiry.stop.signal.aborted) return { code: "inquiry.cancelled", says: "This was stopped before it ended." };
    onBug(thrown, `inquiry ${inquiry.state.kind}`);
    return { code: "inquiry.bug", says: "This broke through a fault of ours.", remedy: sentence("Try it again.") };
  }

  return {
    begin(kind, climb) {
      for (const other of all.values()) if (other.state.kind === kind && !other.state.done) other.stop.abort();
      const inquiry: Inquiry = {
        state: { id: randomUUID(), kind, rungs: [], done: false },
        stop: new AbortController(),
        listeners: new Set(),
      };
      all.set(inquiry.state.id, inquiry);
      for (const id of [...all.keys()].slice(0, -kept)) all.delete(id);
      void climbNow(inquiry, climb);
      return inquiry.state.id;
    },
    get: (id) => all.get(id)?.state,
    follow(id, listener) {
      const inquiry = all.get(id);
      if (!inquiry) return () => undefined;
      inquiry.listeners.add(listener);
      listener(inquiry.state);
      return () => inquiry.listeners.delete(listener);
    },
    cancel: (id) => all.get(id)?.stop.abort(),
    cancelAll() {
      for (const inquiry of all.values()) inquiry.stop.abort();
    },
  };
}
