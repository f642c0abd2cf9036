import type { ReactNode } from "react";
import { CodeEntry } from "../../components/setup/code-entry.tsx";
import { Frame } from "../../components/ui/frame.tsx";
import { runtime } from "../../lib/runtime.ts";
import { isReader } from "../../lib/server/session.ts";
import { place } from "./place.ts";

/** Draws a page for a session, and the way to one for everybody else. */
export async function Gate({ children }: { children: () => Promise<ReactNode> }) {
  if (await isReader()) return await children();
  const installed = (await runtime().installation()) !== undefined;
  return (
    <Frame place={await place()} links={installed ? [{ href: "/health", title: "Health" }] : []}>
      <CodeEntry health={installed} />
    </Frame>
  );
}
