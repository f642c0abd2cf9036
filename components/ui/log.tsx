"use client";
import { useEffect, useRef, useState } from "react";
import { spanOf, timeOf } from "./format.ts";

export interface LogLine {
  at?: number;
  source?: string;
  line: string;
}

const errorWords = /(error|warning|traceback|exception)\b|\b(fatal|refused|failed)\b/i;

/**
 * What machines wrote, as they wrote it. Scrolls inside itself, follows its end until somebody scrolls up, and says
 * whether it follows and how old its last line is.
 */
export function Log({ lines, now, title = "Log" }: { lines: readonly LogLine[]; now: number; title?: string }) {
  const box = useRef<HTMLPreElement>(null);
  const [following, setFollowing] = useState(true);
  const count = lines.length;
  useEffect(() => {
    if (following && count > 0 && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, count]);
  const last = lines.at(-1);
  const age = last?.at === undefined ? "" : `, last line ${spanOf(now - last.at)} ago`;
  return (
    <section aria-label={title}>
      <div className="sect sect-tight">
        <h2>{title}</h2>
        <span>{count === 0 ? "no line yet" : `${following ? "following" : "not following"}${age}`}</span>
      </div>
      <pre
        className="log"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setFollowing(scrollHeight - scrollTop - clientHeight < 24);
        }}
      >
        {lines.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
          <span key={index} className="line">
            {entry.at !== undefined && (
              <span className="t" suppressHydrationWarning>
                {timeOf(entry.at)}{" "}
              </span>
            )}
            {entry.source && <b>{entry.source} </b>}
            {errorWords.test(entry.line) ? <span className="e">! {entry.line}</span> : entry.line}
            {"\n"}
          </span>
        ))}
      </pre>
    </section>
  );
}
