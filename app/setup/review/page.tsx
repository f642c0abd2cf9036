import { ReviewPage } from "../../../components/setup/pages/review-page.tsx";
import { stillNeeded } from "../../../components/setup/still-needed.ts";
import { trailOf } from "../../../components/setup/trail.ts";
import { answerIssues, answers } from "../../../lib/install/answers.ts";
import { runtime } from "../../../lib/runtime.ts";
import { shown } from "../../server/answering.ts";
import { save, start } from "../actions.ts";
import { SetupPage } from "../setup-page.tsx";

export const metadata = { title: "Review · REC.IO Setup" };

export default function Page() {
  return (
    <SetupPage>
      {async () => {
        const draft = await runtime().draft();
        const complete = answers.safeParse(draft);
        const needed = stillNeeded(
          draft,
          runtime().heldSecrets(),
          complete.success ? [] : answerIssues(complete.error),
        );
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
            draft={draft}
            trail={trailOf(draft)}
            needed={needed}
            actions={{ save }}
            start={start}
            {...planned}
          />
        );
      }}
    </SetupPage>
  );
}
