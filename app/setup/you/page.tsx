import { randomInt } from "node:crypto";
import { YouPage } from "../../../components/setup/pages/you-page.tsx";
import { trailOf } from "../../../components/setup/trail.ts";
import { runtime } from "../../../lib/runtime.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { save } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";
import { type Asked, wayBack } from "../way-back.ts";

export const metadata = { title: "You · REC.IO Setup" };

export default function Page(asked: Asked) {
  return (
    <SetupPage>
      {async () => {
        const draft = await runtime().draft();
        const suggestedId = `trader_${String(randomInt(10_000)).padStart(4, "0")}`;
        const held = runtime().heldSecrets();
        return (
          <YouPage
            then={await wayBack(asked)}
            draft={shownDraft(draft)}
            trail={trailOf(draft)}
            suggestedId={suggestedId}
            held={held}
            actions={{ save }}
          />
        );
      }}
    </SetupPage>
  );
}
