import { join } from "node:path";
import { credentialFiles, credentialTexts } from "../../checkout/credentials.ts";
import { keepForUndo, ownerOf, putAside, replaceKey } from "../../checkout/kept-credentials.ts";
import { type Change, type Job, type Step, step } from "../../engine/step.ts";
import { credentialsProbe, fingerprint } from "../../health/probes/checkout/profile-credentials.ts";
import type { KalshiKey } from "../../kalshi/kalshi.ts";
import { canonicalPem, parsePrivateKey } from "../../kalshi/key.ts";
import { spokenEnvironment } from "../../kalshi/ladder/outcomes.ts";
import { Problem, sentence } from "../../problem.ts";
import { programsUser } from "../../supervisor/programs-user/programs-user.ts";
import type { World } from "../../world.ts";
import type { Answers } from "../answers.ts";

type Needs = Pick<World, "machine" | "checkout" | "paths" | "kalshi">;
type KeyAnswer = Extract<Answers["kalshi"], { kind: "key" }>;

/** What was written: a fingerprint a file, and where the pair that was there before is kept. */
type Receipt = {
  readonly folder: string;
  readonly written: { readonly [file: string]: string };
  readonly before: string | null;
};

function problem(code: string, says: string, remedy: string, cameBack?: string): Problem {
  return new Problem({
    code: `credentials.${code}`,
    says,
    remedy: sentence(remedy),
    ...(cameBack ? { evidence: { asked: "GET /portfolio/balance", cameBack } } : {}),
  });
}

/** Asks Kalshi for the balance with this key: nothing is saved, and nothing stays, that was not accepted. */
async function prove({ kalshi }: Needs, key: KalshiKey, signal: AbortSignal): Promise<void> {
  const { status } = await kalshi.getSigned(key, "/portfolio/balance", signal);
  if (status === 200) return;
  if (status === 401 || status === 403)
    throw problem(
      "key-refused",
      `Kalshi does not accept this key as a ${spokenEnvironment(key.environment)} key.`,
      "Look at the key's diagnosis, and give the right key.",
      `${status}`,
    );
  throw problem(
    "key-not-proven",
    `Kalshi answered ${status} instead of accepting or refusing the key.`,
    "Try again when the exchange answers.",
    `${status}`,
  );
}

/** How the reader below says that there is no cryptography. */
const withoutCryptography = 3;

/**
 * Lets the programs' own Python read the key, as they will: what Node accepts is not always what cryptography does. A
 * checkout that reads keys by itself need not have it, and nothing more can be told before its programs sign with the key.
 */
async function proveReadable({ machine, checkout }: Needs, pem: string, signal: AbortSignal): Promise<void> {
  const code = `import sys\ntry:\n    from cryptography.hazmat.primitives.serialization import load_pem_private_key as load\nexcept ImportError:\n    sys.exit(${withoutCryptography})\nload(sys.stdin.buffer.read(), password=None)`;
  const result = await machine.exec(checkout.python, ["-I", "-B", "-c", code], {
    input: pem,
    signal,
    timeoutMs: 30_000,
  });
  if (result.code === 0) return;
  if (result.code === withoutCryptography && !(await checkout.imports()).includes("cryptography")) return;
  throw problem(
    "key-not-readable",
    "REC.IO's Python cannot read this key.",
    "Create a new RSA key at Kalshi and give that one.",
  );
}

async function write(
  world: Needs,
  answers: Pick<Answers, "person">,
  answer: KeyAnswer,
  job: Job<Receipt>,
): Promise<Receipt> {
  const { machine, checkout, kalshi } = world;
  const { kalshiPrivateKey } = job.secrets;
  if (kalshiPrivateKey === undefined)
    throw problem("key-not-given", "The private key is not in memory.", "Give the Kalshi private key again and go on.");
  const parsed = parsePrivateKey(kalshiPrivateKey);
  const { environment, keyId } = answer;
  await prove(world, { environment, keyId, privateKey: parsed.privateKey }, job.signal);
  const pem = canonicalPem(parsed);
  await proveReadable(world, pem, job.signal);

  const folder = checkout.credentials(environment);
  for (const each of ["demo", "prod"] as const) {
    await machine.files.makeFolder(checkout.credentials(each), 0o700, await programsUser(world));
    await machine.files.setMode(checkout.credentials(each), 0o700);
  }
  const earlier = await putAside(world, environment, folder);
  const before = await keepForUndo(world, environment, earlier);
  const texts = credentialTexts({ keyId, pem, email: answer.email ?? answers.person.email });
  const written = Object.fromEntries(credentialFiles.map((name) => [name, fingerprint(texts[name])]));
  const receipt: Receipt = { folder, written, before };
  await job.spent(receipt);
  await replaceKey(world, environment, folder, { earlier, texts }, async () => {
    const installed = await kalshi.installedKey();
    if (!installed)
      throw problem(
        "not-read-back",
        "The credential files were written and could not be read again.",
        "Look at the disk and try again.",
      );
    await prove(world, installed, job.signal);
  });
  job.log("Kalshi accepts the key as it stands on disk");
  return receipt;
}

async function takeBack(
  { machine, checkout }: Pick<World, "machine" | "checkout">,
  { folder, written, before }: Receipt,
  log: (line: string) => void,
): Promise<void> {
  const { files } = machine;
  // A checkout that was moved away takes the key with it: that is no key taken back.
  if (!(await files.facts(checkout.root)))
    throw problem(
      "checkout-away",
      "The checkout is not where it was, so its Kalshi credentials could not be taken back.",
      "Put the checkout back and uninstall again, or delete its kalshi-credentials folder yourself.",
    );
  const changed: string[] = [];
  for (const [name, mark] of Object.entries(written)) {
    const now = await files.read(join(folder, name));
    const old = before === null ? undefined : await files.read(join(before, name));
    if (now === old) continue;
    if (now !== undefined && fingerprint(now) !== mark) changed.push(name);
    else if (old === undefined) await files.remove(join(folder, name));
    else await files.write(join(folder, name), old, 0o600, await ownerOf(machine, folder));
  }
  if (changed.length > 0)
    throw problem(
      "changed-since",
      `${changed.join(", ")} of the Kalshi credentials changed since and ${changed.length === 1 ? "stays" : "stay"}.`,
      "Remove it yourself when it is not needed.",
    );
  if (before === null || !(await files.facts(before))) return;
  for (const name of await files.list(before)) await files.remove(join(before, name));
  await files.removeFolder(before);
  log("the earlier credentials are back in their place");
}

/** Puts the Kalshi key where REC.IO reads it, after Kalshi accepted it. Without a key nothing is written. */
export function writeCredentials(
  answers: Pick<Answers, "kalshi" | "person">,
): Step<"machine" | "checkout" | "paths" | "kalshi", Receipt> {
  const answer = answers.kalshi;
  return step({
    id: "write-credentials",
    title: "Write the Kalshi credentials",
    why: "REC.IO signs its requests with the key in these files.",
    probes: [credentialsProbe(answers)],
    async describe({ checkout }): Promise<Change[]> {
      if (answer.kind === "none") return [];
      const folder = checkout.credentials(answer.environment);
      return credentialFiles.map((name) => ({
        what: "file",
        target: join(folder, name),
        detail: "0600, in a folder 0700",
      }));
    },
    async run(world, job): Promise<Receipt> {
      if (answer.kind === "none")
        return { folder: world.checkout.credentials(answer.environment), written: {}, before: null };
      return write(world, answers, answer, job);
    },
    undo: { takeBack: (world, receipt, job) => takeBack(world, receipt, (line) => job.log(line)) },
  });
}
