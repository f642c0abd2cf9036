import { DatabasePage } from "../../../components/setup/pages/database-page.tsx";
import { trailOf } from "../../../components/setup/trail.ts";
import { runtime } from "../../../lib/runtime.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { cancelInquiry, inquire, save } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";
import { type Asked, wayBack } from "../way-back.ts";

export const metadata = { title: "Database · REC.IO Setup" };

export default function Page(asked: Asked) {
  return (
    <SetupPage>
      {async () => {
        const [draft, found] = await Promise.all([runtime().draft(), runtime().findDatabases()]);
        return (
          <DatabasePage
            draft={shownDraft(draft)}
            then={await wayBack(asked)}
            trail={trailOf(draft)}
            found={found}
            held={runtime().heldSecrets()}
            actions={{ save, inquire, cancelInquiry }}
          />
        );
      }}
    </SetupPage>
  );
}
