import { links } from "../../../components/health/links.ts";
import { ReportView } from "../../../components/health/report-view.tsx";
import { Frame } from "../../../components/ui/frame.tsx";
import { runtime } from "../../../lib/runtime.ts";
import { Gate } from "../../server/gate.tsx";
import { place } from "../../server/place.ts";

export const metadata = { title: "Report · REC.IO Setup" };

export default function Page() {
  return (
    <Gate>
      {async () => {
        const [where, installed, recioUrl, runs] = await Promise.all([
          place(),
          runtime().installation(),
          // Before anything is installed there is no such page, and a checkout that is gone does not name its port.
          runtime()
            .recioUrl()
            .catch(() => undefined),
          runtime().runs(),
        ]);
        const states = await Promise.all(
          runs.filter((run) => run.purpose !== "undo").map((run) => runtime().runState(run.runId)),
        );
        return (
          <Frame place={where} links={links("/health/report", true)}>
            <ReportView
              place={where}
              installed={installed}
              recioUrl={recioUrl}
              report={runtime().health()}
              runs={states.filter((state) => state !== undefined)}
              version={runtime().version}
            />
          </Frame>
        );
      }}
    </Gate>
  );
}
