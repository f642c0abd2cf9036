import { CopiedView } from "../../../components/health/copied-view.tsx";
import { links } from "../../../components/health/links.ts";
import { Frame } from "../../../components/ui/frame.tsx";
import { runtime } from "../../../lib/runtime.ts";
import { Gate } from "../../server/gate.tsx";
import { place } from "../../server/place.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { cancelInquiry, inquire } from "../../setup/actions.ts";

export const metadata = { title: "System data · REC.IO Setup" };

export default function Page() {
  return (
    <Gate>
      {async () => (
        <Frame place={await place()} links={links("/health/data", true)}>
          <CopiedView draft={shownDraft(await runtime().draft())} actions={{ inquire, cancelInquiry }} />
        </Frame>
      )}
    </Gate>
  );
}
