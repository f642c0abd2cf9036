"use client";

/** A fault of ours: everything that a person can act on comes as a sentence and never arrives here. */
export default function Fault({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main id="main" className="wrap entry">
      <div>
        <h1>This page has a fault.</h1>
        <p className="lead">The fault is ours. Nothing was changed by it; what runs on this machine goes on.</p>
      </div>
      <div className="actions">
        <button type="button" className="btn btn-do" onClick={reset}>
          Draw it again
        </button>
        <span className="small quiet">
          The server’s log tells more
          {error.digest ? (
            <>
              {" "}
              under <code>{error.digest}</code>
            </>
          ) : (
            ""
          )}
          .
        </span>
      </div>
    </main>
  );
}
