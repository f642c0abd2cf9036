import { Fragment } from "react";
import type { Evidence, Remedy } from "../../lib/problem.ts";

/** What was asked, what came back, what it means, what to do: the evidence of a finding, as it is. */
export function ProofList({
  evidence,
  remedy,
  objects = [],
}: {
  evidence?: Evidence | undefined;
  remedy?: Remedy | undefined;
  objects?: readonly string[] | undefined;
}) {
  if (!evidence && !remedy && objects.length === 0) return null;
  return (
    <dl className="proof">
      {evidence && (
        <>
          <dt>Asked</dt>
          <dd>
            <code>{evidence.asked}</code>
          </dd>
          <dt>Came back</dt>
          <dd>
            <code>{evidence.cameBack}</code>
          </dd>
        </>
      )}
      {objects.length > 0 && (
        <>
          <dt>Missing or wrong</dt>
          <dd>
            {objects.map((name, index) => (
              <Fragment key={name}>
                {index > 0 && ", "}
                <code>{name}</code>
              </Fragment>
            ))}
          </dd>
        </>
      )}
      {evidence?.means && (
        <>
          <dt>Means</dt>
          <dd>{evidence.means}</dd>
        </>
      )}
      {remedy && (
        <>
          <dt>Remedy</dt>
          <dd>{remedy.says}</dd>
        </>
      )}
    </dl>
  );
}
