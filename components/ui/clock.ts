"use client";
import { useRef, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let ticker: ReturnType<typeof setInterval> | undefined;
let now = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticker ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  };
}

function read(): number {
  if (now === 0 || ticker === undefined) now = Date.now();
  return now;
}

/** This browser's clock in milliseconds since the epoch, once a second; 0 while the page is painted on the server. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read, () => 0);
}

/**
 * The server's clock, once a second: the time at which it painted the page, carried on by this browser. Ages of what
 * the server dated are right even where the two clocks differ.
 */
export function useServerClock(paintedAt: number): number {
  const here = useNow();
  const offset = useRef<number | undefined>(undefined);
  if (here === 0) return paintedAt;
  offset.current ??= paintedAt - here;
  return here + offset.current;
}
