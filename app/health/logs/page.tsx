import { links } from "../../../components/health/links.ts";
import { LogsView } from "../../../components/health/logs-view.tsx";
import { Frame } from "../../../components/ui/frame.tsx";
import { runtime } from "../../../lib/runtime.ts";
import { Gate } from "../../server/gate.tsx";
import { place } from "../../server/place.ts";

export const metadata = { title: "Logs · REC.IO Setup" };

export default function Page() {
  return (
    <Gate>
      {async () => (
        <Frame place={await place()} links={links("/health/logs", true)}>
          <LogsView
            programs={
              await runtime()
                .programs()
                .catch(() => [])
            }
          />
        </Frame>
      )}
    </Gate>
  );
}
