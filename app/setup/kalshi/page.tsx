import { KalshiPage } from "../../../components/setup/pages/kalshi-page.tsx";
import { trailOf } from "../../../components/setup/trail.ts";
import { runtime } from "../../../lib/runtime.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { cancelInquiry, inquire, save } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";
import { type Asked, wayBack } from "../way-back.ts";

export const metadata = { title: "Kalshi · REC.IO Setup" };

export default function Page(asked: Asked) {
  return (
    <SetupPage>
      {async () => {
        const draft = await runtime().draft();
        const { demo, prod } = runtime().settings.kalshi;
        return (
          <KalshiPage
            draft={shownDraft(draft)}
            then={await wayBack(asked)}
            trail={trailOf(draft)}
            hosts={{ demo: new URL(demo.rest).host, prod: new URL(prod.rest).host }}
            held={runtime().heldSecrets()}
            actions={{ save, inquire, cancelInquiry }}
          />
        );
      }}
    </SetupPage>
  );
}
