"use client";
import { useEffect, useMemo, useState } from "react";
import type { Answers, DraftAnswers } from "../../../lib/install/answers.ts";
import { Agree, Choice } from "../../form/choice.tsx";
import { Field } from "../../form/field.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ContinueButton } from "../continue-button.tsx";
import type { SetupActions } from "../contract.ts";
import { Ladder } from "../ladder.tsx";
import type { TrailEntry } from "../trail.ts";
import { useInquiry } from "../use-inquiry.ts";
import { useKeptFields, useSaving, withoutBlanks } from "../use-page.ts";
import { Wizard } from "../wizard.tsx";

export interface FoundCheckout {
  path: string;
  commit?: string;
}

/** Programs that an inquiry found named by the checkout, without a script that could run. */
function missingIn(facts: Record<string, unknown> | undefined): string[] {
  return Array.isArray(facts?.missing) ? (facts.missing as string[]) : [];
}

export function CheckoutPage({
  draft,
  trail,
  found,
  actions,
}: {
  draft: DraftAnswers;
  trail: readonly TrailEntry[];
  found: readonly FoundCheckout[];
  actions: SetupActions;
}) {
  const given = draft.checkout;
  const foundPath = found.find((each) => given?.kind === "path" && each.path === given.path)?.path;
  const [fields, set] = useKeptFields("checkout", {
    which: given?.kind === "clone" ? "clone" : given ? (foundPath ?? "path") : (found[0]?.path ?? "clone"),
    path: given?.kind === "path" && !foundPath ? given.path : "",
    url: given?.kind === "clone" ? given.url : "https://github.com/micpistol/rec_io.git",
    commit: given?.kind === "clone" ? (given.commit ?? "") : "",
    into: given?.kind === "clone" ? given.into : "~/rec_io",
  });
  const [without, setWithout] = useState<readonly string[]>(draft.consent?.goOnWithout ?? []);
  const { saving, problem, issues, goOn } = useSaving(actions.save, "checkout", "/setup/you");
  const { inquiry, problem: notAsked, ask, forget } = useInquiry(actions);

  const checkout = useMemo(() => {
    if (fields.which === "clone")
      return { kind: "clone", ...withoutBlanks({ url: fields.url, commit: fields.commit, into: fields.into }) };
    return { kind: "path", path: fields.which === "path" ? fields.path : fields.which };
  }, [fields.which, fields.path, fields.url, fields.commit, fields.into]);
  const asked = JSON.stringify(checkout);
  const complete =
    fields.which === "clone" ? Boolean(fields.url && fields.into) : Boolean((checkout as { path?: string }).path);

  // The checkout is looked at as soon as it is named; typing goes on for a moment before we look again.
  useEffect(() => {
    forget();
    if (!complete) return;
    const timer = setTimeout(
      () => void ask({ kind: "checkout", checkout: JSON.parse(asked) as Answers["checkout"] }),
      500,
    );
    return () => clearTimeout(timer);
  }, [asked, complete, ask, forget]);

  const missing = missingIn(inquiry?.facts);
  const agreed = missing.every((name) => without.includes(name));
  const ready = inquiry?.done === true && inquiry.accepted === true && agreed;
  return (
    <Wizard
      here="checkout"
      trail={trail}
      why={[
        "Everything we install follows from this one folder: which programs there are, which ports they use, which tables they read.",
        "Nothing in it that git tracks is changed, now or later.",
      ]}
      waitsFor={
        ready
          ? "Nothing is changed yet."
          : missing.length > 0 && !agreed
            ? "Continue waits for your word on the missing program."
            : "Continue waits for a checkout that we could read."
      }
      action={<ContinueButton ready={ready} saving={saving} />}
      aside={
        <Ladder
          title="What we find in it"
          inquiry={inquiry}
          beforeIt={notAsked?.says ?? "Name a checkout, and we look at it at once. We only read."}
          wayOut={() => (
            <button
              type="button"
              className="btn"
              onClick={() => void ask({ kind: "checkout", checkout: JSON.parse(asked) as Answers["checkout"] })}
            >
              Look again
            </button>
          )}
        />
      }
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn({
            answers: {
              checkout,
              consent: {
                ...draft.consent,
                goOnWithout: without.filter((name) => missing.includes(name)),
              },
            },
          });
        }}
      >
        <div>
          <h1>Which REC.IO should be installed?</h1>
          <p className="lead">
            A checkout is the folder that git made. We read it, and change nothing that git tracks.
          </p>
        </div>
        <Choice
          legend="Checkout"
          name="which"
          value={fields.which}
          onValue={(which) => set({ which })}
          options={[
            ...found.map((each) => ({
              value: each.path,
              title: <code>{each.path}</code>,
              data: each.commit?.slice(0, 7),
              says: "Found on this machine.",
            })),
            {
              value: "path",
              title: "Another folder",
              says: "A checkout that is here already, at a path that you name.",
            },
            {
              value: "clone",
              title: "Clone it with git",
              says: "A new folder, made when you have seen the whole plan.",
            },
          ]}
        />
        {fields.which === "path" && (
          <Field
            name="checkout.path"
            label="Path of the checkout"
            value={fields.path}
            onValue={(path) => set({ path })}
            issues={issues}
            placeholder="~/rec_io"
            hint="It begins with / or ~/."
          />
        )}
        {fields.which === "clone" && (
          <>
            <Field
              name="checkout.url"
              label="Address of the repository"
              value={fields.url}
              onValue={(url) => set({ url })}
              issues={issues}
              hint="Whatever git clone understands."
            />
            <Field
              name="checkout.commit"
              label="Commit or branch"
              value={fields.commit}
              onValue={(commit) => set({ commit })}
              issues={issues}
              hint="Left empty: the newest commit of the main branch."
            />
            <Field
              name="checkout.into"
              label="Folder to clone into"
              value={fields.into}
              onValue={(into) => set({ into })}
              issues={issues}
              hint="It must not exist yet, or be empty."
            />
          </>
        )}
        {missing.length > 0 && (
          <fieldset>
            <legend className="legend pb-2">Missing in this checkout</legend>
            <div className="choice">
              {missing.map((program) => (
                <Agree
                  key={program}
                  name={program}
                  checked={without.includes(program)}
                  onChecked={(on) =>
                    setWithout((now) => (on ? [...now, program] : now.filter((name) => name !== program)))
                  }
                  title={
                    <>
                      Go on without <code>{program}</code>
                    </>
                  }
                  says="Its script is not there, or does not compile. It is left out, and the report and the health page keep saying so."
                />
              ))}
            </div>
          </fieldset>
        )}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Wizard>
  );
}
