import { CheckoutPage } from "../../../components/setup/pages/checkout-page.tsx";
import { trailOf } from "../../../components/setup/trail.ts";
import { runtime } from "../../../lib/runtime.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { cancelInquiry, inquire, save } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";

export const metadata = { title: "Checkout · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => {
        const [draft, found] = await Promise.all([runtime().draft(), runtime().findCheckouts()]);
        return (
          <CheckoutPage
            draft={shownDraft(draft)}
            trail={trailOf(draft)}
            found={found}
            actions={{ save, inquire, cancelInquiry }}
          />
        );
      }}
    </SetupPage>
  );
}
