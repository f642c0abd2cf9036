"use client";
import { useCallback, useEffect, useState } from "react";
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
const uuid = /^\W*[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\W*$/i;
/** The one id that stands in a text with a key. */
const idIn = (text: string) => {
  const found = new Set(text.match(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi));
  return found.size === 1 ? [...found][0] : undefined;
};
const isKey = (text: string) => /BEGIN|^\s*MI[IG]/.test(text);

export function KalshiPage({
  draft,
  then,
  trail,
  changes = false,
  hosts,
  held,
  spareKeys = [],
  actions,
}: {
  /** True on the page that gives an installation another key: the question is the same, what follows is not. */
  changes?: boolean;
  draft: DraftAnswers;
  /** Where it goes on, where the page was opened to give one thing again. */
  then?: string | undefined;
  trail: readonly TrailEntry[];
  /** The host that is asked, for each environment. */
  hosts: Record<Environment, string>;
  held: HeldSecrets;
  /** Files of keys that a rehearsal's exchange knows besides. */
  spareKeys?: readonly { environment: Environment; file: string }[];
  actions: SetupActions;
}) {
  const given = draft.kalshi?.kind === "key" ? draft.kalshi : undefined;
  const [fields, set] = useKeptFields(changes ? "key" : "kalshi", {
    environment: (draft.kalshi?.environment ?? "demo") as string,
    email: given?.email ?? "",
  });
  const environment = fields.environment as Environment;
  // Neither half of the key is kept by the tab: a reload asks for both again.
  const [typedId, setTypedId] = useState("");
  const [secret, setSecret] = useState<ReadSecret>();
  const [passphrase, setPassphrase] = useState("");
  const [mended, setMended] = useState("");
  const [replaced, setReplaced] = useState(false);
  const { saving, problem, issues, goOn } = useSaving(
    actions.save,
    changes ? "key" : "kalshi",
    then ?? "/setup/database",
  );
  const { inquiry, problem: notAsked, ask, forget } = useInquiry(actions);

  const keyId = typedId.trim();
  const text = secret?.text;
  /** An id was given before: the server knows it, and takes it where the field stays empty. */
  const idKnown = !changes && given !== undefined;
  const askable = text !== undefined && (keyId !== "" || idKnown);
  const askNow = useCallback(
    (opening: string) => {
      if (text === undefined || !(keyId !== "" || idKnown)) return;
      const opened = opening === "" ? {} : { passphrase: opening };
      void ask({ kind: "kalshi-key", environment, keyId, privateKey: text, ...opened });
    },
    [ask, environment, keyId, idKnown, text],
  );
  useEffect(() => {
    forget();
    const timer = setTimeout(() => askNow(""), 300);
    return () => clearTimeout(timer);
  }, [askNow, forget]);

  /** What stands in the other's place goes to its own: nobody has to do it, and no key stays in a field that is drawn. */
  const typeId = (value: string) => {
    if (!isKey(value)) return setTypedId(value);
    const within = idIn(value);
    setMended(
      within
        ? "The private key stood here as well; it stands in its own place now."
        : "That was the private key; it stands in its own place now.",
    );
    setReplaced(true);
    setSecret({ text: value, from: "pasted" });
    setTypedId(within ?? "");
  };
  const giveSecret = (read: ReadSecret | undefined) => {
    setReplaced(true);
    setPassphrase("");
    if (read && uuid.test(read.text)) {
      setMended("That was the key id; it stands in its own place now.");
      setTypedId(read.text.trim());
      return setSecret(undefined);
    }
    const beside = read && keyId === "" ? idIn(read.text) : undefined;
    if (beside) {
      setMended("The key id stood beside the private key; it stands in its own place now.");
      setTypedId(beside);
    }
    setSecret(read);
  };

  const unchanged =
    !changes &&
    held.kalshiPrivateKey === true &&
    !replaced &&
    keyId === "" &&
    fields.email === (given?.email ?? "") &&
    given?.environment === environment;
  const locked = ["kalshi.key-encrypted", "kalshi.key-wrong-passphrase"].includes(inquiry?.problem?.code ?? "");
  const accepted = inquiry?.done === true && inquiry.accepted === true;
  const ready = accepted || unchanged;
  const acceptedElsewhere = inquiry?.facts?.outcome === "wrong_environment";
  const other: Environment = environment === "demo" ? "prod" : "demo";
  const without = () => goOn({ answers: { kalshi: { kind: "none", environment } } });
  return (
    <Wizard
      here="kalshi"
      trail={trail}
      {...(changes ? { cameFrom: { title: "the health page", href: "/health" } } : {})}
      why={[
        "REC.IO’s services sign with this key. A wrong one does not stop them: they run, say “healthy”, and store zeros.",
        "So it is tried here first, with GET requests only.",
      ]}
      waitsFor={
        ready ? (
          accepted ? (
            changes ? (
              "Kalshi accepted the key. What it would change is shown next."
            ) : (
              "Kalshi accepted the key. It is written by the run, 0600."
            )
          ) : (
            "The key that was accepted before is held in memory."
          )
        ) : (
          <>
            Continue waits for an accepted key.
            {!changes && (
              <>
                {" "}
                <button type="button" className="as-link" onClick={without}>
                  Go on without one
                </button>
                : prices yes, account and orders no.
              </>
            )}
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
                <button type="button" className="btn" onClick={() => askNow(passphrase)}>
                  Ask again
                </button>
              )}
              <button type="button" className="btn btn-plain" onClick={() => giveSecret(undefined)}>
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
          if (unchanged) return goOn({ answers: {} });
          const opened = passphrase === "" ? {} : { kalshiPassphrase: passphrase };
          goOn({
            answers: {
              kalshi: { kind: "key", environment, keyId, ...withoutBlanks({ email: fields.email }) },
            },
            ...(text === undefined ? {} : { secrets: { kalshiPrivateKey: text, ...opened } }),
          });
        }}
      >
        <div>
          <h1>{changes ? "Which Kalshi key should REC.IO use from now on?" : "Which Kalshi key should REC.IO use?"}</h1>
          <p className="lead">
            {changes
              ? "The installed key stays until Kalshi has accepted the new one. What that changes is shown before it is done."
              : "We ask Kalshi what the key can do before anything is saved. It stays in memory until Kalshi has accepted it."}
          </p>
        </div>
        {spareKeys.length > 0 && (
          <p className="small quiet">
            This rehearsal’s exchange knows two more keys, for trying it; each file holds the id as well.{" "}
            {spareKeys.map(({ environment: of, file }) => (
              <span key={of}>
                {of === "demo" ? "Demo: " : "Production: "}
                <code>{file}</code>{" "}
              </span>
            ))}
          </p>
        )}
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
          value={typedId}
          onValue={typeId}
          issues={issues}
          hint={
            mended ||
            (idKnown
              ? "The server holds the id that was given before; leave this empty to keep it."
              : "Kalshi shows it beside the key’s name, under Account, API keys.")
          }
        />
        <SecretBox
          id="kalshiPrivateKey"
          label="Private key"
          secret={secret}
          held={held.kalshiPrivateKey === true && !replaced}
          onSecret={giveSecret}
          hint="Ed25519 keys cannot be used: this checkout signs with RSA only."
          refused={issues.find((issue) => issue.path === "kalshiPrivateKey")?.says}
        />
        {(locked || passphrase !== "") && text !== undefined && (
          <div className="grid gap-2">
            <Field
              name="kalshi.passphrase"
              label="Passphrase of the key"
              type="password"
              value={passphrase}
              onValue={setPassphrase}
              hint="It opens the key in memory; REC.IO gets the key without it."
            />
            <div className="actions">
              <button type="button" className="btn" disabled={passphrase === ""} onClick={() => askNow(passphrase)}>
                Open the key
              </button>
            </div>
          </div>
        )}
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
