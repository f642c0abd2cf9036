import Link from "next/link";
import type { ReactNode } from "react";

export interface FrameLink {
  href: string;
  title: string;
  current?: boolean;
}

/** Whether this page belongs to the rehearsal, and where it is served. */
export interface Place {
  rehearsal: boolean;
  port: number;
}

/** The top line: the name, the few ways to go, where we are. The rehearsal says so above everything. */
export function Frame({
  place,
  links = [],
  aside,
  children,
}: {
  place: Place;
  links?: readonly FrameLink[];
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      {place.rehearsal && (
        <div className="rehearsal-band" role="note">
          <p>
            <b>Rehearsal.</b> A whole world on this machine: nothing here touches Kalshi or your REC.IO.
          </p>
        </div>
      )}
      <header className="top">
        <div>
          <Link className="word" href="/" prefetch={false}>
            REC.IO <span>Setup</span>
          </Link>
          <nav aria-label="Pages">
            {links.map((link) => (
              <Link key={link.href} href={link.href} prefetch={false} aria-current={link.current ? "page" : undefined}>
                {link.title}
              </Link>
            ))}
            {place.rehearsal && (
              <Link href="/rehearsal" prefetch={false} className="opt">
                Leave the rehearsal
              </Link>
            )}
            <span className="env">
              {aside ?? (
                <>
                  {place.rehearsal ? "rehearsal" : "this machine"}
                  <span className="opt"> :{place.port}</span>
                </>
              )}
            </span>
          </nav>
        </div>
      </header>
      {children}
    </>
  );
}
