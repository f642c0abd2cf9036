import { KalshiPage } from "../../../components/setup/pages/kalshi-page.tsx";
import { Frame } from "../../../components/ui/frame.tsx";
import { runtime } from "../../../lib/runtime.ts";
import { Gate } from "../../server/gate.tsx";
import { place } from "../../server/place.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { cancelInquiry, inquire } from "../../setup/actions.ts";
import { propose } from "./actions.ts";

export const metadata = { title: "The Kalshi key · REC.IO Setup" };

/** Another key for the installation, or its other environment: the same ladder as in the wizard. */
export default function Page() {
  return (
    <Gate>
      {async () => {
        const { demo, prod } = runtime().settings.kalshi;
        const kalshi = (await runtime().installation())?.kalshi;
        return (
          <Frame place={await place()} links={[{ href: "/health", title: "Health" }]}>
            <KalshiPage
              changes
              draft={shownDraft(kalshi ? { kalshi } : {})}
              then="/health/key/plan"
              trail={[]}
              hosts={{ demo: new URL(demo.rest).host, prod: new URL(prod.rest).host }}
              held={{}}
              spareKeys={runtime().spareKeys ?? []}
              actions={{ save: propose, inquire, cancelInquiry }}
            />
          </Frame>
        );
      }}
    </Gate>
  );
}
