import { ReviewPage } from "../../../components/setup/pages/review-page.tsx";
import { neededByRun, stillNeeded } from "../../../components/setup/still-needed.ts";
import { trailOf } from "../../../components/setup/trail.ts";
import { answerIssues, answers } from "../../../lib/install/answers.ts";
import { runtime } from "../../../lib/runtime.ts";
import { resume } from "../../runs/actions.ts";
import { shown } from "../../server/answering.ts";
import { halfWay } from "../../server/half-way.ts";
import { shownDraft } from "../../server/shown-draft.ts";
import { save, start } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";

export const metadata = { title: "Review · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => {
        const draft = await runtime().draft();
        const complete = answers.safeParse(draft);
        const held = runtime().heldSecrets();
        const run = complete.success ? await halfWay(complete.data) : undefined;
        const needed =
          run && complete.success
            ? neededByRun(run, held, complete.data, "review")
            : stillNeeded(draft, held, complete.success ? [] : answerIssues(complete.error));
        const planned = complete.success
          ? await runtime()
              .describePlan(complete.data)
              .then(
                (plan) => ({ plan }),
                (thrown: unknown) => ({ problem: shown(thrown) }),
              )
          : {};
        return (
          <ReviewPage
            draft={shownDraft(draft)}
            trail={trailOf(draft)}
            needed={needed}
            halfWay={run?.runId}
            actions={{ save }}
            start={start}
            resume={resume}
            {...planned}
          />
        );
      }}
    </SetupPage>
  );
}
