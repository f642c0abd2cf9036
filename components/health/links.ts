import type { FrameLink } from "../ui/frame.tsx";

/** The ways to go from the health page; without a session there is only the board. */
export function links(current: string, session: boolean): FrameLink[] {
  const all = [
    { href: "/health", title: "Health" },
    { href: "/health/logs", title: "Logs" },
    { href: "/health/data", title: "Data" },
    { href: "/health/report", title: "Report" },
  ];
  return (session ? all : all.slice(0, 1)).map((link) => ({ ...link, current: link.href === current }));
}
