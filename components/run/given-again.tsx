import Link from "next/link";
import type { StillNeeded } from "../setup/still-needed.ts";

/** What died with an earlier server and the run will ask for: each with the page where it is given again. */
export function GivenAgain({ needed }: { needed: readonly StillNeeded[] }) {
  const first = needed.find((page) => !page.perhaps);
  if (needed.length === 0) return null;
  return (
    <ul className="grid gap-3" aria-label="Still needed">
      {needed.map((page) => (
        <li key={page.href}>
          <Link className={page === first ? "btn btn-do" : "btn"} href={page.href} prefetch={false}>
            {page.says.replace(/\.$/, "")}
          </Link>
          {page.because && <p className="small quiet pt-1">{page.because}</p>}
        </li>
      ))}
    </ul>
  );
}
