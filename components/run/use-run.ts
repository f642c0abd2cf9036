"use client";
import { useEffect, useRef, useState } from "react";
import type { Stamped } from "../../lib/engine/events.ts";
import { foldRun, type RunState } from "../../lib/engine/state.ts";
import type { Sample } from "./estimate.ts";

const keptSamples = 12;
/** What the page could not load is tried again after so long. */
const loadAgainMs = 2_000;

/** What the browser makes of the events that follow the painted state. */
export interface FollowedRun {
  run: RunState;
  /** False while the stream is down; the browser keeps trying by itself. */
  connected: boolean;
  /** The last measurements of each running step, for its speed of now. */
  samples: Readonly<Record<string, readonly Sample[]>>;
  /** Takes the stream up again: a finished run ends it for good, and may be resumed. */
  followAgain(): void;
}

/**
 * Follows a run from the state that the server painted: each event is parsed, folded with the same function that painted
 * it, and drawn. A lost connection is taken up again where it broke; an event that comes twice changes nothing.
 */
export function useRun(painted: RunState): FollowedRun {
  const [run, setRun] = useState(painted);
  const [connected, setConnected] = useState(true);
  const samples = useRef<Record<string, readonly Sample[]>>({});
  const [epoch, setEpoch] = useState(0);
  const { runId, lastSeq } = painted;
  const from = useRef(lastSeq);

  // A fresh painting of the page may know more than the events that have come.
  useEffect(() => {
    from.current = Math.max(from.current, painted.lastSeq);
    setRun((now) => (painted.lastSeq > now.lastSeq ? painted : now));
  }, [painted]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `epoch` asks for a new stream of the same run.
  useEffect(() => {
    const stream = new EventSource(`/api/runs/${encodeURIComponent(runId)}/events?after=${from.current}`);
    stream.onopen = () => setConnected(true);
    stream.onerror = () => setConnected(stream.readyState === EventSource.CLOSED);
    const take = (told: Stamped) => {
      const { seq, at, event } = told;
      from.current = Math.max(from.current, seq);
      if (event.type === "step.progressed") {
        const before = samples.current[event.entryId] ?? [];
        samples.current = {
          ...samples.current,
          [event.entryId]: [...before, { at, done: event.done }].slice(-keptSamples),
        };
      }
      setRun((now) => foldRun(now, told));
    };
    // The parser is a third of this page's script, and the painted page needs it first when something happens.
    let over = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    const reading = import("./read-event.ts");
    reading.catch(() => {
      if (over) return;
      stream.close();
      setConnected(false);
      again = setTimeout(() => setEpoch((now) => now + 1), loadAgainMs);
    });
    stream.onmessage = (message) => {
      void reading.then(
        ({ readEvent }) => {
          const told = readEvent(message.data);
          if (told && !over) take(told);
        },
        () => undefined,
      );
    };
    return () => {
      over = true;
      clearTimeout(again);
      stream.close();
    };
  }, [runId, epoch]);

  return { run, connected, samples: samples.current, followAgain: () => setEpoch((now) => now + 1) };
}
