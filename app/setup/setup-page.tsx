import type { ReactNode } from "react";
import { Frame } from "../../components/ui/frame.tsx";
import { Gate } from "../server/gate.tsx";
import { place } from "../server/place.ts";

/** The frame around every page of the wizard, for a session. */
export function SetupPage({ children }: { children: () => Promise<ReactNode> }) {
  return (
    <Gate>
      {async () => (
        <Frame place={await place()} links={[{ href: "/setup/later", title: "Leave for now" }]}>
          {await children()}
        </Frame>
      )}
    </Gate>
  );
}
