import { KalshiPage } from "../../../components/setup/pages/kalshi-page.tsx";
import { trailOf } from "../../../components/setup/trail.ts";
import { runtime } from "../../../lib/runtime.ts";
import { cancelInquiry, inquire, save } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";

export const metadata = { title: "Kalshi · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => {
        const draft = await runtime().draft();
        const { demo, prod } = runtime().settings.kalshi;
        return (
          <KalshiPage
            draft={draft}
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
