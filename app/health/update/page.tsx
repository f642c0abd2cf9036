import { UpdateView } from "../../../components/health/update-view.tsx";
import { Frame } from "../../../components/ui/frame.tsx";
import { Gate } from "../../server/gate.tsx";
import { place } from "../../server/place.ts";
import { describe, look, update } from "./actions.ts";

export const metadata = { title: "Another version of REC.IO · REC.IO Setup" };

/** Another commit of the checkout: looked at, shown, and then installed with a way back. */
export default function Page() {
  return (
    <Gate>
      {async () => (
        <Frame place={await place()} links={[{ href: "/health", title: "Health" }]}>
          <UpdateView actions={{ look, describe, update }} />
        </Frame>
      )}
    </Gate>
  );
}
