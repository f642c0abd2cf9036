import type { HealthLevel } from "../../lib/health/report.ts";

/** Every state that a row can be in: shape, word and colour belong together and are drawn nowhere else. */
export type MarkState = HealthLevel | "running" | "waiting" | "already";

const words: Record<MarkState, string> = {
  ok: "ok",
  warn: "warn",
  fail: "fail",
  unknown: "unknown",
  stale: "stale",
  running: "running",
  waiting: "waiting",
  already: "already so",
};

const colours: Record<MarkState, string> = {
  ok: "m-ok",
  warn: "m-warn",
  fail: "m-fail",
  unknown: "m-unknown",
  stale: "m-stale",
  running: "m-run",
  waiting: "m-wait",
  already: "m-already",
};

const stroke = { fill: "none", stroke: "currentColor", strokeLinecap: "round", strokeLinejoin: "round" } as const;
const cut = { fill: "none", stroke: "var(--paper)", strokeLinecap: "round", strokeLinejoin: "round" } as const;

function Shape({ state }: { state: MarkState }) {
  switch (state) {
    case "ok":
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="currentColor" />
          <path d="m4.9 8.2 2.2 2.2 4-4.6" {...cut} strokeWidth="1.6" />
        </>
      );
    case "already":
      return (
        <>
          <circle cx="8" cy="8" r="6.4" {...stroke} strokeWidth="1.2" />
          <path d="m5 8.2 2.1 2.1 3.9-4.4" {...stroke} strokeWidth="1.4" />
        </>
      );
    case "warn":
      return (
        <>
          <path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
          <path d="M8 5.7v4.2" {...cut} strokeWidth="1.7" />
          <circle cx="8" cy="12.2" r="1" fill="var(--paper)" />
        </>
      );
    case "fail":
      return (
        <>
          <rect x="1.2" y="1.2" width="13.6" height="13.6" rx="1" fill="currentColor" />
          <path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" {...cut} strokeWidth="1.7" />
        </>
      );
    case "unknown":
      return (
        <>
          <circle cx="8" cy="8" r="6.5" {...stroke} strokeWidth="1.3" />
          <path d="M6 6.4a2 2 0 1 1 2.9 1.9c-.6.3-.9.6-.9 1.2" {...stroke} strokeWidth="1.4" />
          <circle cx="8" cy="11.6" r=".9" fill="currentColor" />
        </>
      );
    case "stale":
      return (
        <>
          <circle cx="8" cy="8" r="6.5" {...stroke} strokeWidth="1.3" strokeDasharray="2 2.08" strokeLinecap="butt" />
          <path d="M8 4.6V8l2.4 1.6" {...stroke} strokeWidth="1.4" />
        </>
      );
    case "running":
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="none" stroke="var(--rule-2)" strokeWidth="1.4" />
          <path className="arc" d="M8 1.6A6.4 6.4 0 0 1 14.4 8" {...stroke} strokeWidth="1.8" />
        </>
      );
    case "waiting":
      return <circle cx="8" cy="8" r="3" {...stroke} strokeWidth="1.2" />;
  }
}

/** The state mark: a shape that is told apart in grey, with its word for those who listen. */
export function Mark({ state, word = words[state] }: { state: MarkState; word?: string | undefined }) {
  return (
    <svg className={`m ${colours[state]}`} viewBox="0 0 16 16" role="img" aria-label={word}>
      <title>{word}</title>
      <Shape state={state} />
    </svg>
  );
}

/** The word of a state, in its colour. Stands in the row wherever the state is not ok. */
export function StateWord({ state, word = words[state] }: { state: MarkState; word?: string }) {
  const tone = { ...colours, running: "m-run", waiting: "m-wait" }[state].replace("m-", "w-");
  return <span className={`state ${tone}`}>{word}</span>;
}

/** The padlock of the ledger: closed while new orders are held, open when they are not. */
export function LockMark({ held }: { held: boolean }) {
  return (
    <svg className="m" viewBox="0 0 16 16" role="img" aria-label={held ? "held" : "released"}>
      <title>{held ? "held" : "released"}</title>
      <path
        d={held ? "M4.8 7V5a3.2 3.2 0 0 1 6.4 0v2" : "M4.8 7V4.4a3.2 3.2 0 0 1 6.2-1.1"}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      <rect x="2.6" y="7" width="10.8" height="7.6" rx="1" fill="currentColor" />
    </svg>
  );
}
