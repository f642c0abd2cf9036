import { KeyPlan } from "../../../../components/health/key-plan.tsx";
import { Frame } from "../../../../components/ui/frame.tsx";
import { runtime } from "../../../../lib/runtime.ts";
import { shown } from "../../../server/answering.ts";
import { Gate } from "../../../server/gate.tsx";
import { place } from "../../../server/place.ts";
import { change } from "../actions.ts";

export const metadata = { title: "What the new key changes · REC.IO Setup" };

/** What the proposed key would change, and the button that does exactly that. */
export default function Page() {
  return (
    <Gate>
      {async () => {
        const planned = await runtime()
          .describeKeyChange()
          .then(
            (plan) => ({ plan }),
            (thrown: unknown) => ({ problem: shown(thrown) }),
          );
        return (
          <Frame place={await place()} links={[{ href: "/health", title: "Health" }]}>
            <KeyPlan {...planned} change={change} />
          </Frame>
        );
      }}
    </Gate>
  );
}
