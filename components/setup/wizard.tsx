import Link from "next/link";
import type { ReactNode } from "react";
import type { PageId, TrailEntry } from "./trail.ts";

export interface WizardProps {
  here: PageId;
  /** Empty where the page stands by itself, away from the other questions. */
  trail: readonly TrailEntry[];
  /** Where it came from, where that is no page of the trail. */
  cameFrom?: { title: string; href: string };
  /** "Why we ask": a note in the margin, one paragraph a string. */
  why: readonly string[];
  children: ReactNode;
  /** The right-hand column: what came back. */
  aside?: ReactNode;
  /** What Continue waits for, or what it will do. */
  waitsFor: ReactNode;
  action: ReactNode;
}

function Trail({ here, trail }: { here: PageId; trail: readonly TrailEntry[] }) {
  return (
    <nav className="trail" aria-label="Setup">
      <ol>
        {trail.map((page) =>
          page.id === here ? (
            <li key={page.id} className="now" aria-current="step">
              {page.title}
            </li>
          ) : (
            <li key={page.id} className={page.given ? "done" : undefined}>
              {page.given ? (
                <Link href={page.href} prefetch={false}>
                  {page.title}
                </Link>
              ) : (
                page.title
              )}
              {page.given && (
                <small>
                  {page.given.map((line) => (line.data ? <code key={line.text}>{line.text}</code> : line.text))}
                </small>
              )}
            </li>
          ),
        )}
      </ol>
    </nav>
  );
}

/** The trail where there is no room for it: seven segments, and the name of the page. */
function Segments({ here, trail }: { here: PageId; trail: readonly TrailEntry[] }) {
  const place = trail.findIndex((page) => page.id === here);
  return (
    <div className="trail-s small quiet">
      <b className="text-ink">{trail[place]?.title}</b>, page {place + 1} of {trail.length}
      <ol aria-hidden="true">
        {trail.map((page, index) => (
          <li key={page.id} className={index === place ? "n" : page.given ? "d" : undefined}>
            <i />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** One page of the wizard: trail, question, what came back, and a foot that says what Continue waits for. */
export function Wizard({ here, trail, why, children, aside, waitsFor, action, cameFrom }: WizardProps) {
  const back = cameFrom ?? trail[trail.findIndex((page) => page.id === here) - 1];
  return (
    <>
      <main id="main" className={`wrap wiz ${aside ? "" : "wiz-wide"}`}>
        {trail.length > 0 && <Trail here={here} trail={trail} />}
        {trail.length > 0 && <Segments here={here} trail={trail} />}
        {children}
        <details className="why" open>
          <summary>Why we ask</summary>
          {why.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </details>
        {aside}
      </main>
      <footer className="foot">
        <div className="wrap">
          {back ? (
            <Link className="btn btn-plain foot-back" href={back.href} prefetch={false}>
              Back to {back.title}
            </Link>
          ) : (
            <span />
          )}
          <p>{waitsFor}</p>
          {action}
        </div>
      </footer>
    </>
  );
}
