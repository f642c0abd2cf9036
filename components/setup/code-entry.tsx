"use client";
import { useRouter } from "next/navigation";
import { useEffect, useState, useTransition } from "react";
import type { ProblemFacts } from "../../lib/problem.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { keepWriteToken } from "../ui/write-token.ts";

/**
 * Exchanges the one-time code for a session. The link that `npm run setup` prints carries it in the fragment, which no
 * server sees; it is taken out of the address bar before it is sent.
 */
export function CodeEntry({ health }: { health: boolean }) {
  const router = useRouter();
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<ProblemFacts>();
  const [busy, startTransition] = useTransition();

  const exchange = (given: string) =>
    startTransition(async () => {
      setProblem(undefined);
      try {
        const response = await fetch("/api/session", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ code: given.trim().replace(/^.*#code=/, "") }),
        });
        const answer = (await response.json()) as { writeToken?: string; problem?: ProblemFacts };
        if (answer.writeToken === undefined) {
          setProblem(answer.problem ?? { code: "session.no-answer", says: "The server did not take the code." });
          return;
        }
        keepWriteToken(answer.writeToken);
        router.refresh();
      } catch {
        setProblem({
          code: "session.unreachable",
          says: "The server does not answer.",
          remedy: { kind: "sentence", says: "Run npm run setup again; it starts the server and prints a new link." },
        });
      }
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page has opened.
  useEffect(() => {
    const take = () => {
      const given = new URLSearchParams(location.hash.slice(1)).get("code");
      if (!given) return;
      history.replaceState(history.state, "", location.pathname + location.search);
      exchange(given);
    };
    take();
    // The link may be opened in a tab that shows this page already: then only the fragment changes.
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);

  return (
    <main id="main" className="wrap entry">
      <div>
        <h1>This page opens with a code.</h1>
        <p className="lead">
          REC.IO Setup installs REC.IO on this machine and keeps proving that it works. So that nobody else on this
          machine can use it, it asks for the code that your terminal shows.
        </p>
      </div>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault();
          exchange(code);
        }}
      >
        <div className="field">
          <label htmlFor="code">Code</label>
          <input
            className="input"
            id="code"
            value={code}
            autoComplete="one-time-code"
            spellCheck={false}
            aria-describedby="code-note"
            onChange={(event) => setCode(event.target.value)}
          />
          <p className="hint" id="code-note">
            Press Enter in the terminal of <code>npm run setup</code>, or run it again: it prints a new link. A code
            lasts ten minutes and opens once.
          </p>
        </div>
        <div className="actions">
          <button type="submit" className={code.trim() && !busy ? "btn btn-do" : "btn"} disabled={!code.trim() || busy}>
            Open the page
          </button>
          {health && (
            <a className="btn btn-plain" href="/health">
              Look at the health board
            </a>
          )}
        </div>
        {problem && <ProblemNote problem={problem} />}
      </form>
    </main>
  );
}
