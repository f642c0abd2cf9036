"use client";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { Frame, type Place } from "../ui/frame.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import type { LeaveRehearsal } from "./contract.ts";

const lookEveryMs = 500;

/** Resolves when this page's server has gone. */
async function untilGone(): Promise<void> {
  for (;;) {
    const there = await fetch("/api/health").then(
      () => true,
      () => false,
    );
    if (!there) return;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** What leaving removes, and the button that does it. The page outlives its server to say that it is gone. */
export function LeavePage({ place, goes, leave }: { place: Place; goes: readonly string[]; leave: LeaveRehearsal }) {
  const [stage, setStage] = useState<"asked" | "leaving" | "gone">("asked");
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();
  const go = () =>
    startTransition(async () => {
      const came = await leave(writeToken());
      if (!came.ok) return setProblem(came.problem);
      setStage("leaving");
      await untilGone();
      setStage("gone");
    });
  return (
    <Frame place={place} links={[{ href: "/", title: "Back" }]}>
      <main id="main" className="wrap">
        <section className="verdict">
          <div>
            <h1>{stage === "gone" ? "The rehearsal is gone." : "Leave the rehearsal."}</h1>
            <p className="lead" aria-live="polite">
              {stage === "gone"
                ? "No process, file or port of it is left. Close this tab; npm run setup opens the real page."
                : stage === "leaving"
                  ? "Everything that it made is being taken back."
                  : "Everything that it made goes, with the stand-ins and this page. Your REC.IO is not touched."}
            </p>
          </div>
        </section>
        {stage === "asked" && (
          <div className="grid gap-8 pt-8">
            <ul className="never">
              {goes.map((thing) => (
                <li key={thing}>{thing}</li>
              ))}
              <li>The stand-ins of Kalshi, Coinbase and Kraken, the stand-in checkout and its key.</li>
              <li>This page’s server and its state folder.</li>
            </ul>
            <div className="actions">
              <button type="button" className="btn btn-do" disabled={busy} onClick={go}>
                Leave, and remove every trace
              </button>
            </div>
          </div>
        )}
        {problem && <ProblemNote problem={problem} />}
      </main>
    </Frame>
  );
}
