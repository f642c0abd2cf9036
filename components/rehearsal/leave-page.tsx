"use client";
import { useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { answered } from "../ui/answered.ts";
import { Frame, type Place } from "../ui/frame.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { writeToken } from "../ui/write-token.ts";
import type { LeaveRehearsal } from "./contract.ts";

const lookEveryMs = 500;
/** Taking a rehearsal back needs some seconds, and a minute beside other work. */
const patienceMs = 120_000;

/** Resolves when this page's server has gone; false where it is still there after a long time. */
async function untilGone(): Promise<boolean> {
  for (const until = Date.now() + patienceMs; ; ) {
    const there = await fetch("/api/health").then(
      () => true,
      () => false,
    );
    if (!there) return true;
    if (Date.now() > until) return false;
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
      const came = await answered(leave(writeToken()));
      if (!came.ok) return setProblem(came.problem);
      setStage("leaving");
      if (await untilGone()) return setStage("gone");
      setStage("asked");
      setProblem({
        code: "rehearsal.still-there",
        says: "The rehearsal is still there: something of it could not be taken back.",
        remedy: {
          kind: "sentence",
          says: "npm run uninstall -- --rehearsal --yes takes back the rest, and names what keeps it from going.",
        },
      });
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
