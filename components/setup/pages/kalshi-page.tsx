"use client";
import { useEffect, useState } from "react";
import type { DraftAnswers } from "../../../lib/install/answers.ts";
import { Choice } from "../../form/choice.tsx";
import { Field } from "../../form/field.tsx";
import { type ReadSecret, SecretBox } from "../../form/secret-box.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ContinueButton } from "../continue-button.tsx";
import type { HeldSecrets, SetupActions } from "../contract.ts";
import { Ladder } from "../ladder.tsx";
import { abilitiesIn, Receipt } from "../receipt.tsx";
import type { TrailEntry } from "../trail.ts";
import { useInquiry } from "../use-inquiry.ts";
import { useKeptFields, useSaving, withoutBlanks } from "../use-page.ts";
import { Wizard } from "../wizard.tsx";

type Environment = "demo" | "prod";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function KalshiPage({
  draft,
  then,
  trail,
  hosts,
  held,
  actions,
}: {
  draft: DraftAnswers;
  /** Where it goes on, where the page was opened to give one thing again. */
  then?: string | undefined;
  trail: readonly TrailEntry[];
  /** The host that is asked, for each environment. */
  hosts: Record<Environment, string>;
  held: HeldSecrets;
  actions: SetupActions;
}) {
  const given = draft.kalshi?.kind === "key" ? draft.kalshi : undefined;
  const [fields, set] = useKeptFields("kalshi", {
    environment: (draft.kalshi?.environment ?? "demo") as string,
    keyId: given?.keyId ?? "",
    email: given?.email ?? "",
  });
  const environment = fields.environment as Environment;
  const [secret, setSecret] = useState<ReadSecret>();
  const [replaced, setReplaced] = useState(false);
  const { saving, problem, issues, goOn } = useSaving(actions.save, "kalshi", then ?? "/setup/database");
  const { inquiry, problem: notAsked, ask, forget } = useInquiry(actions);

  const keyId = fields.keyId.replace(/\s+/g, "");
  const removed = fields.keyId.length - keyId.length;
  const text = secret?.text;
  const askable = text !== undefined && uuid.test(keyId);
  useEffect(() => {
    forget();
    if (text === undefined || !uuid.test(keyId)) return;
    const timer = setTimeout(() => void ask({ kind: "kalshi-key", environment, keyId, privateKey: text }), 300);
    return () => clearTimeout(timer);
  }, [environment, keyId, text, ask, forget]);

  const unchanged =
    held.kalshiPrivateKey === true && !replaced && given?.keyId === keyId && given.environment === environment;
  const accepted = inquiry?.done === true && inquiry.accepted === true;
  const ready = accepted || unchanged;
  const acceptedElsewhere = inquiry?.facts?.outcome === "wrong_environment";
  const other: Environment = environment === "demo" ? "prod" : "demo";
  const without = () => goOn({ answers: { kalshi: { kind: "none", environment } } });
  return (
    <Wizard
      here="kalshi"
      trail={trail}
      why={[
        "REC.IO’s services sign with this key. A wrong one does not stop them: they run, say “healthy”, and store zeros.",
        "So it is tried here first, with GET requests only.",
      ]}
      waitsFor={
        ready ? (
          accepted ? (
            "Kalshi accepted the key. It is written by the run, 0600."
          ) : (
            "The key that was accepted before is held in memory."
          )
        ) : (
          <>
            Continue waits for an accepted key.{" "}
            <button type="button" className="as-link" onClick={without}>
              Go on without one
            </button>
            : prices yes, account and orders no.
          </>
        )
      }
      action={<ContinueButton ready={ready} saving={saving} />}
      aside={
        <Ladder
          title="What Kalshi says"
          inquiry={inquiry}
          beforeIt={
            notAsked?.says ??
            (unchanged
              ? "This key was accepted and is held in memory. Replace it to ask again."
              : "We ask as soon as the key id and the private key are both there. Kalshi is sent GET requests and nothing else.")
          }
          wayOut={(rung) => (
            <>
              {acceptedElsewhere && rung.level === "fail" && (
                <button type="button" className="btn btn-do" onClick={() => set({ environment: other })}>
                  Use {other === "demo" ? "demo" : "production"} instead
                </button>
              )}
              {askable && !acceptedElsewhere && (
                <button
                  type="button"
                  className="btn"
                  onClick={() => void ask({ kind: "kalshi-key", environment, keyId, privateKey: text })}
                >
                  Ask again
                </button>
              )}
              <button
                type="button"
                className="btn btn-plain"
                onClick={() => {
                  setReplaced(true);
                  setSecret(undefined);
                }}
              >
                Paste another key
              </button>
            </>
          )}
        >
          <Receipt title="What REC.IO could do with it" abilities={abilitiesIn(inquiry?.facts)} />
        </Ladder>
      }
    >
      <form
        className="ask"
        id="ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn({
            answers: { kalshi: { kind: "key", environment, keyId, ...withoutBlanks({ email: fields.email }) } },
            ...(text === undefined ? {} : { secrets: { kalshiPrivateKey: text } }),
          });
        }}
      >
        <div>
          <h1>Which Kalshi key should REC.IO use?</h1>
          <p className="lead">
            We ask Kalshi what the key can do before anything is saved. It stays in memory until Kalshi has accepted it.
          </p>
        </div>
        <Choice<Environment>
          legend="Environment"
          name="environment"
          value={environment}
          onValue={(value) => set({ environment: value })}
          options={[
            { value: "demo", title: "Demo", data: hosts.demo, says: "Play money. The place to begin." },
            {
              value: "prod",
              title: "Production",
              data: hosts.prod,
              says: "Your real account. We only read; new orders stay locked until you release them.",
            },
          ]}
        />
        <Field
          name="kalshi.keyId"
          label="Key ID"
          value={fields.keyId}
          onValue={(value) => set({ keyId: value })}
          onBlur={() => set({ keyId })}
          issues={issues}
          hint={`Kalshi shows it beside the key’s name, under Account, API keys.${removed > 0 ? " Spaces are removed." : ""}`}
        />
        <SecretBox
          id="kalshiPrivateKey"
          label="Private key"
          secret={secret}
          held={held.kalshiPrivateKey === true && !replaced}
          onSecret={(read) => {
            setReplaced(true);
            setSecret(read);
          }}
          hint="Ed25519 keys cannot be used: this checkout signs with RSA only."
          refused={issues.find((issue) => issue.path === "kalshiPrivateKey")?.says}
        />
        <Field
          name="kalshi.email"
          label="E-mail at Kalshi, optional"
          type="email"
          value={fields.email}
          onValue={(email) => set({ email })}
          issues={issues}
          inputMode="email"
          hint="REC.IO writes it beside the key. Kalshi is not told."
        />
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Wizard>
  );
}
