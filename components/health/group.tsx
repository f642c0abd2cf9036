"use client";
import Link from "next/link";
import { useState } from "react";
import type { HealthRow } from "../../lib/health/report.ts";
import { RepairButton } from "../plan/repair-button.tsx";
import { FindingRow } from "../ui/finding-row.tsx";
import { plural, spanOf } from "../ui/format.ts";
import type { HealthActions } from "./contract.ts";
import { folded } from "./rows.ts";

function ageOf(row: HealthRow): string {
  if (row.checkedAt === 0) return "not asked yet";
  if (row.level === "stale") return `${spanOf(row.ageMs)}, due after ${spanOf(row.staleAfterMs)}`;
  return spanOf(row.ageMs);
}

function Row({ row, open, actions }: { row: HealthRow; open: boolean; actions: HealthActions | undefined }) {
  const { remedy } = row;
  const button = actions && remedy?.kind === "step" && row.level !== "ok";
  return (
    <FindingRow
      state={row.level}
      says={row.level === "stale" ? `Then: ${row.says}` : row.says}
      label={row.label}
      age={ageOf(row)}
      evidence={row.evidence}
      remedy={row.level === "ok" || button ? undefined : remedy}
      objects={row.objects}
      open={open}
    >
      {button ? <RepairButton stepId={remedy.stepId} title={remedy.says} actions={actions} /> : undefined}
    </FindingRow>
  );
}

/** A group of findings: what is not ok first and open, what is ok quiet, the rest of it folded into one line. */
export function Group({
  title,
  rows,
  actions,
}: {
  title: string;
  rows: readonly HealthRow[];
  /** Absent on the board that anybody may read. */
  actions: HealthActions | undefined;
}) {
  const [unfolded, setUnfolded] = useState(false);
  const { shown, more } = folded(rows);
  const firstOpen = shown.find((row) => ["fail", "warn", "unknown"].includes(row.level))?.id;
  return (
    <section className="group" id={title.toLowerCase()} aria-label={title}>
      <h3>
        {title}
        <span>{plural(rows.length, "finding")}</span>
      </h3>
      {(unfolded ? [...shown, ...more] : shown).map((row) => (
        <Row key={row.id} row={row} open={row.id === firstOpen} actions={actions} />
      ))}
      {title === "Kalshi" && actions && (
        <p className="small quiet pt-2">
          <Link href="/health/key" prefetch={false}>
            Give REC.IO another key, or the other environment
          </Link>
        </p>
      )}
      {title === "Checkout" && actions && (
        <p className="small quiet pt-2">
          <Link href="/health/update" prefetch={false}>
            Look at another version of REC.IO
          </Link>
        </p>
      )}
      {more.length > 0 && (
        <p className="more-ok">
          <button
            type="button"
            className="as-quiet-link"
            aria-expanded={unfolded}
            onClick={() => setUnfolded(!unfolded)}
          >
            {unfolded ? "Fewer" : `${more.length} more`}
          </button>
          {unfolded ? "" : ", all ok"}
        </p>
      )}
    </section>
  );
}
