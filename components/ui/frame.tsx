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

/** The top line: the name, the few ways to go, where we are. The rehearsal’s band stands above it: the layout draws that. */
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
              <Link href="/rehearsal" prefetch={false} aria-label="Leave the rehearsal">
                Leave<span className="opt"> the rehearsal</span>
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
