import type { ReactNode } from "react";
import type { InquiryState, Rung } from "../../lib/runtime.ts";
import { tookOf } from "../ui/format.ts";
import { Mark, type MarkState } from "../ui/mark.tsx";
import { ProofList } from "../ui/proof.tsx";

const shapes: Record<Rung["level"], string> = {
  ok: "ok",
  warn: "ok",
  unknown: "unknown",
  fail: "fail",
  running: "run",
  waiting: "wait",
};

function RungRow({ rung, wayOut }: { rung: Rung; wayOut: ReactNode }) {
  const stuck = rung.level === "fail" || rung.level === "unknown";
  return (
    <li className={`rung ${shapes[rung.level]}`}>
      <span className="rung-line" />
      <Mark state={rung.level satisfies MarkState} />
      <p className="says">{rung.says}</p>
      <time>{rung.tookMs === undefined || rung.level === "waiting" ? "" : tookOf(rung.tookMs)}</time>
      {stuck ? (
        <div className="ev stuck">
          {rung.detail && <p className="small text-ink">{rung.detail}</p>}
          <ProofList evidence={rung.evidence} remedy={rung.remedy} />
          {wayOut && <div className="actions">{wayOut}</div>}
        </div>
      ) : (
        (rung.detail || (rung.level === "warn" && rung.remedy)) && (
          <p className="ev">
            {[rung.detail, rung.level === "warn" ? rung.remedy?.says : undefined].filter(Boolean).join(" ")}
          </p>
        )
      )}
    </li>
  );
}

/**
 * An inquiry as a ladder: climbed rungs in ink, the failed one with its proof and its way out, the rest dashed. It is
 * read aloud a sentence a rung; times are not.
 */
export function Ladder({
  title,
  inquiry,
  beforeIt,
  wayOut,
  children,
}: {
  title: string;
  inquiry: InquiryState | undefined;
  /** What the column says while nothing was asked yet. */
  beforeIt: string;
  /** Buttons on the rung that stopped it. */
  wayOut: (rung: Rung) => ReactNode;
  /** Below the ladder: the receipt. */
  children?: ReactNode;
}) {
  const climbed = inquiry?.rungs.filter((rung) => rung.level === "ok" || rung.level === "warn").length ?? 0;
  // What an earlier rung kept from being asked has no way out of its own.
  const stopped =
    inquiry?.rungs.find(({ level }) => level === "fail") ?? inquiry?.rungs.find(({ level }) => level === "unknown");
  const tookMs = inquiry?.rungs.reduce((sum, rung) => sum + (rung.tookMs ?? 0), 0) ?? 0;
  return (
    <aside className="aside" aria-live="polite" aria-label={title}>
      <h2>
        {title}
        {inquiry && (
          <span aria-live="off">
            {climbed} of {inquiry.rungs.length}, {tookOf(tookMs)}
          </span>
        )}
      </h2>
      {!inquiry && <p className="small quiet">{beforeIt}</p>}
      {inquiry && (
        <ol className="ladder">
          {inquiry.rungs.map((rung) => (
            <RungRow key={rung.id} rung={rung} wayOut={rung === stopped ? wayOut(rung) : undefined} />
          ))}
        </ol>
      )}
      {inquiry?.done && inquiry.says && inquiry.says !== stopped?.says && (
        <p className="small quiet pt-2">{inquiry.says}</p>
      )}
      {inquiry?.problem && !inquiry.rungs.some((rung) => rung.level === "fail") && (
        <p className="small w-fail pt-2" role="alert">
          {inquiry.problem.says} {inquiry.problem.remedy?.says}
        </p>
      )}
      {children}
    </aside>
  );
}
