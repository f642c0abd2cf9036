import { notFound } from "next/navigation";
import { RunView } from "../../../components/run/run-view.tsx";
import { neededByRun } from "../../../components/setup/still-needed.ts";
import { Frame } from "../../../components/ui/frame.tsx";
import { isKeyChange } from "../../../lib/install/plan.ts";
import { runtime } from "../../../lib/runtime.ts";
import { Gate } from "../../server/gate.tsx";
import { place } from "../../server/place.ts";
import { describeRepair, proposeKeyBefore, repair, resume, stop, undo } from "../actions.ts";

interface Props {
  params: Promise<{ runId: string }>;
  searchParams: Promise<{ then?: string | string[] }>;
}

export const metadata = { title: "The run · REC.IO Setup" };

export default function Page({ params, searchParams }: Props) {
  return (
    <Gate>
      {async () => {
        const [{ runId }, { then }] = await Promise.all([params, searchParams]);
        const painted = await runtime().runState(runId);
        if (!painted) notFound();
        return (
          <Frame
            place={await place()}
            links={[
              { href: "/setup/review", title: "Answers" },
              { href: "/health", title: "Health" },
            ]}
          >
            <RunView
              painted={painted}
              paintedAt={Date.now()}
              needed={neededByRun(painted, runtime().heldSecrets(), await runtime().installation())}
              then={typeof then === "string" ? then : undefined}
              changedKey={isKeyChange(painted)}
              actions={{ stop, resume, proposeKeyBefore, undo, describeRepair, repair }}
            />
          </Frame>
        );
      }}
    </Gate>
  );
}
