import Link from "next/link";
import { Mark } from "../ui/mark.tsx";
import type { StillNeeded } from "./still-needed.ts";

/** What has to be given before it can begin or go on, each with the page where it is given. */
export function NeededList({ needed }: { needed: readonly StillNeeded[] }) {
  if (needed.length === 0) return null;
  return (
    <ol className="reasons" aria-label="Still needed">
      {needed.map((page) => (
        <li key={page.href + page.says}>
          <Mark state="unknown" word="still needed" />
          <p>
            <b>{page.says}</b>
            {page.because && <small>{page.because}</small>}
          </p>
          <span />
          <Link className="age small" href={page.href} prefetch={false}>
            {page.title}
          </Link>
        </li>
      ))}
    </ol>
  );
}
