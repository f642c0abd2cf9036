import { resolve } from "node:path";
import { findCheckouts } from "../../checkout/find-checkouts.ts";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import { answers, draftAnswers } from "../../install/answers.ts";
import { checkoutRoot } from "../../install/real-world.ts";
import { kalshi } from "../../kalshi/client.ts";
import { type Diagnosis, diagnose } from "../../kalshi/diagnose.ts";
import { keyFileText } from "../../kalshi/key/forms.ts";
import { isKeyId, looksLikePrivateKey } from "../../kalshi/key/key-id.ts";
import { localMachine } from "../../machine/local-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { isProblem, Problem, sentence } from "../../problem.ts";
import { rehearsalAddresses } from "../../rehearsal/world/addresses.ts";
import { rehearsalPlaces } from "../../rehearsal/world/places.ts";
import type { Rung } from "../../runtime.ts";
import { readNamedBytes, readNamedFile } from "../../server/state/private-file.ts";
import type { KalshiEnvironment } from "../../settings.ts";
import { askSecret } from "../ask-secret.ts";
import { type Door, type DoorContext, notUnderstood, type Outcome } from "../door.ts";
import { wordShown } from "../options.ts";

/** What --json prints. A rung that was not climbed took no time: null. */
interface CheckedKey {
  outcome: Diagnosis["outcome"];
  rungs: { id: string; level: string; says: string; tookMs: number | null }[];
  says: string;
  remedy: string | null;
  receipt: Diagnosis["receipt"];
}

function needed(context: DoorContext, name: string, value: string): string {
  const given = context.values.get(name);
  if (given === undefined) throw notUnderstood("check-key", `check-key wants ${name} ${value}.`);
  return given;
}

function environmentOf(text: string): KalshiEnvironment {
  if (text === "demo" || text === "prod") return text;
  throw notUnderstood("check-key", `--env is demo or prod, not ${wordShown(text)}.`);
}

/**
 * The text of the key's file.
 * @throws Problem `cli.key-not-a-file` where the key itself, or its id, stands in the file's place: neither is repeated
 */
function keyTextIn(path: string): string {
  const misplaced = (says: string, remedy: string) =>
    new Problem({ code: "cli.key-not-a-file", says, remedy: sentence(remedy) });
  if (looksLikePrivateKey(path) || path.length > 300 || path.includes("\n"))
    throw misplaced(
      "The private key itself stands where its file is to be named.",
      "Name the file. What stood in a command line could be read by every user of this machine: if others use it, delete this key at Kalshi and create a new one.",
    );
  if (isKeyId(path))
    throw misplaced("The key id stands where the file of the private key is to be named.", "Give it as --key-id.");
  return keyFileText(readNamedBytes(path, "The file of the private key"));
}

/** Where the answers of this state lead, installed or still in the wizard; nothing where there are none to read. */
async function answeredCheckout({ paths, settings }: DoorContext, machine: Machine): Promise<string | undefined> {
  for (const [file, schema] of [
    [paths.installation, answers],
    [paths.draft, draftAnswers],
  ] as const) {
    const text = await machine.files.read(file).catch((thrown: unknown) => {
      // Another user's state is not needed for looking at a key.
      if (isProblem(thrown) || (thrown as NodeJS.ErrnoException).code === "EACCES") return undefined;
      throw thrown;
    });
    const given = text === undefined ? undefined : schema.safeParse(JSON.parse(text));
    if (given?.success && given.data.checkout) return checkoutRoot(given.data.checkout, settings.home);
  }
  return undefined;
}

/**
 * The checkout that the receipt speaks of: the one that was named, else the rehearsal's own, else the one of this state's
 * answers, else the only one that is found. Where none is known, the receipt says what it does not know.
 */
async function checkoutFor(context: DoorContext, machine: Machine): Promise<string | undefined> {
  const named = context.values.get("--checkout");
  if (named !== undefined) return resolve(named);
  if (context.kind === "rehearsal") return rehearsalPlaces(context.paths).checkout;
  const answered = await answeredCheckout(context, machine);
  if (answered !== undefined) return answered;
  const found = await findCheckouts(machine, projectRoot(), context.settings.home);
  return found.length === 1 ? found[0]?.path : undefined;
}

const marks: Record<Rung["level"], string> = {
  ok: "ok",
  warn: "warn",
  fail: "FAIL",
  unknown: "unknown",
  running: "…",
  waiting: "not asked",
};

/** Lines of the rungs that have settled since the last look, as they are climbed. */
function tellerOf(say: (line: string) => void): (rungs: readonly Rung[]) => void {
  const told = new Set<string>();
  return (rungs) => {
    for (const { id, level, says, detail, tookMs } of rungs) {
      if (level === "waiting" || level === "running" || told.has(id)) continue;
      told.add(id);
      say(`${marks[level].padEnd(10)}${says}${tookMs === undefined ? "" : ` (${tookMs} ms)`}`);
      if (detail) say(`          ${detail}`);
    }
  };
}

function lines({ says, remedy, receipt }: CheckedKey): string[] {
  return [
    "",
    says,
    ...(remedy === null ? [] : [remedy]),
    ...(receipt.length === 0 ? [] : ["", "What REC.IO can do with it:"]),
    ...receipt.map(
      ({ level, label, says: line }) => `${marks[level].padEnd(10)}${line}${level === "ok" ? "" : ` [${label}]`}`,
    ),
  ];
}

/** The passphrase of an encrypted key: from a file that is named, else asked for at the terminal. */
async function passphraseFor(context: DoorContext): Promise<string | undefined> {
  const file = context.values.get("--passphrase-file");
  if (file !== undefined) return readNamedFile(file, "The file of the passphrase").replace(/\r?\n$/, "");
  return context.interactive ? askSecret("Passphrase of the key: ") : undefined;
}

/** Climbs the whole ladder for a key that lies in a file, and saves nothing. */
export const checkKeyDoor: Door = {
  name: "check-key",
  usage: "--env demo|prod --key-id ID --pem FILE",
  says: "Says exactly what is wrong with a Kalshi key, and what REC.IO could do with it. Saves nothing. Exit 0: REC.IO can use it; 1: it cannot, or its file cannot be read; 2: the command line is not understood.",
  options: [
    { name: "--env", value: "demo|prod", says: "the environment that the key is meant for" },
    { name: "--key-id", value: "ID", says: "the key's id" },
    { name: "--pem", value: "FILE", says: "the file of the private key" },
    { name: "--passphrase-file", value: "FILE", says: "its passphrase, where it is encrypted (else asked for)" },
    {
      name: "--checkout",
      value: "DIR",
      says: "the REC.IO that is to use it (else as answered, or the one that is found)",
    },
  ],
  positionals: [0, 0],
  async run(context): Promise<Outcome> {
    const environment = environmentOf(needed(context, "--env", "demo|prod"));
    const keyId = needed(context, "--key-id", "ID");
    const privateKey = keyTextIn(needed(context, "--pem", "FILE"));
    const machine = localMachine({ stateFolder: context.paths.state });
    const settings =
      context.kind === "rehearsal"
        ? await rehearsalAddresses(context.settings, context.paths, machine)
        : context.settings;
    const root = (await checkoutFor(context, machine)) ?? context.paths.state;
    const client = kalshi({
      settings,
      environment,
      withoutKey: false,
      checkout: recioCheckout({ root, machine, paths: context.paths }),
      machine,
    });
    const look = async (passphrase?: string) => {
      const onRungs = context.json ? () => {} : tellerOf(context.say);
      const input = { environment, keyId, privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
      return (await diagnose(client, input, { onRungs })).diagnosis;
    };
    let diagnosis = await look(context.values.has("--passphrase-file") ? await passphraseFor(context) : undefined);
    if (diagnosis.problem?.code === "kalshi.key-encrypted") {
      const passphrase = await passphraseFor(context);
      if (passphrase !== undefined) diagnosis = await look(passphrase);
    }
    const checked: CheckedKey = {
      outcome: diagnosis.outcome,
      rungs: diagnosis.rungs.map(({ id, level, says, detail, tookMs }) => ({
        id,
        level,
        // What was put right is said here too: the shape has no place of its own for it.
        says: detail === undefined ? says : `${says} ${detail}`,
        tookMs: tookMs ?? null,
      })),
      says: diagnosis.says,
      remedy: diagnosis.remedy?.says ?? null,
      receipt: diagnosis.receipt,
    };
    return { exit: diagnosis.accepted ? 0 : 1, json: checked, lines: lines(checked) };
  },
};
