import { isProblem, sentence } from "../../problem.ts";
import type { KalshiKey } from "../kalshi.ts";
import { idWithin, isKeyId, looksLikePrivateKey } from "../key/key-id.ts";
import { normaliseKeyId, type ParsedKey, parsePrivateKey } from "../key.ts";
import { signsAndVerifies } from "../sign.ts";
import { type DiagnosisInput, Ended, type Ladder } from "./ladder.ts";
import { orProblem } from "./looks.ts";
import { type Found, rungTitles } from "./rungs.ts";

interface Placed extends DiagnosisInput {
  /** What was put in its place, one sentence. */
  moved?: string;
}

/** Key id and private key in each other's place, or in one text, are put in their own, where both can be told. */
function inTheirPlaces(input: DiagnosisInput): Placed {
  const { keyId, privateKey } = input;
  if (looksLikePrivateKey(keyId) && isKeyId(privateKey))
    return {
      ...input,
      keyId: privateKey,
      privateKey: keyId,
      moved: "Key id and private key stood in each other's place.",
    };
  const both = keyId.trim() === "" ? privateKey : privateKey.trim() === "" ? keyId : "";
  const within = looksLikePrivateKey(both) ? idWithin(both) : undefined;
  if (within === undefined) return input;
  return { ...input, keyId: within, privateKey: both, moved: "Key id and private key were given in one text." };
}

/** A look at the key's own text: nothing leaves this machine. */
export async function readKey(ladder: Ladder, given: DiagnosisInput): Promise<KalshiKey> {
  const input = inTheirPlaces(given);
  const parsed = await ladder.climb("key", rungTitles.key, () =>
    orProblem<ParsedKey>(async () => {
      const gain = parsePrivateKey(input.privateKey, input.passphrase);
      const found: Found = { says: `The private key is RSA with ${gain.bits} bits.`, level: "ok" };
      const healed = input.moved === undefined ? gain.healed : [input.moved, ...gain.healed];
      return { found: healed.length > 0 ? { ...found, detail: healed.join(" ") } : found, gain };
    }),
  );
  if (isProblem(parsed)) {
    const outcome = parsed.code === "kalshi.key-ed25519" ? "key_not_usable_by_recio" : "bad_key";
    throw new Ended(outcome, { says: parsed.says, problem: parsed });
  }
  const keyId = await ladder.climb("key-id", rungTitles["key-id"], () =>
    orProblem<string>(async () => {
      const gain = normaliseKeyId(input.keyId);
      const found: Found = { says: "The key id looks like one of Kalshi's.", level: "ok" };
      return {
        found: gain === input.keyId ? found : { ...found, detail: "Other signs and words around it are taken away." },
        gain,
      };
    }),
  );
  if (isProblem(keyId)) throw new Ended("bad_key", { says: keyId.says, problem: keyId });
  await ladder.climb("self-test", rungTitles["self-test"], async () => {
    if (!signsAndVerifies(parsed.privateKey)) {
      const says = "The key signs, and its own public half does not agree.";
      const remedy = sentence("Give the file that Kalshi offered for download when the key was created.");
      throw new Ended("bad_key", { says: `${says} ${remedy.says}` });
    }
    return { found: { says: "The key signs, and its own public half agrees.", level: "ok" }, gain: true };
  });
  return { environment: input.environment, keyId, privateKey: parsed.privateKey };
}
