import { isProblem } from "../../problem.ts";
import type { KalshiAnswer, KalshiKey } from "../kalshi.ts";
import { type KeyVerdict, keyVerdict } from "../wire/refusal.ts";
import { Ended, type Ladder } from "./ladder.ts";
import { inShort, orProblem } from "./looks.ts";
import { type Outcome, otherEnvironment, outcomeWords } from "./outcomes.ts";
import { patiently } from "./patience.ts";
import { rungTitles } from "./rungs.ts";

/** How the climb ends where the key is not accepted. */
export const endings: Readonly<Record<Exclude<KeyVerdict, "accepted" | "unknown-key">, Outcome>> = {
  "malformed-id": "unknown_key",
  "pair-mismatch": "pair_mismatch",
  clock: "clock",
  "not-signed": "unexpected",
  restricted: "restricted",
  "rate-limited": "rate_limited",
  moved: "unexpected",
  "exchange-down": "exchange_down",
  unexpected: "unexpected",
};

/** The one right question: may this key read the balance? */
export async function askForTheKey(ladder: Ladder, key: KalshiKey): Promise<KalshiAnswer> {
  const { kalshi, environment, signal } = ladder;
  const answer = await ladder.climb("accepted", rungTitles.accepted, () =>
    orProblem<KalshiAnswer>(async () => {
      const gain = await patiently(() => kalshi.getSigned(key, "/portfolio/balance", signal), signal);
      const evidence = { asked: "GET /portfolio/balance, signed", cameBack: inShort(gain) };
      const verdict = keyVerdict(gain);
      if (verdict === "accepted") return { found: { says: "Kalshi accepts the key.", level: "ok", evidence }, gain };
      if (verdict === "unknown-key") {
        return {
          found: { says: `Kalshi does not know this key id in ${environment}.`, level: "fail", evidence },
          gain,
        };
      }
      const { says, remedy } = outcomeWords(endings[verdict], environment);
      return { found: { says, level: "fail", evidence, ...(remedy ? { remedy } : {}) }, gain };
    }),
  );
  if (isProblem(answer)) throw new Ended("network", { says: answer.says, problem: answer });
  const verdict = keyVerdict(answer);
  if (verdict === "accepted") return answer;
  if (verdict === "unknown-key") return askElsewhere(ladder, key);
  if (verdict === "unexpected")
    throw new Ended("unexpected", {
      says: `Kalshi answers ${inShort(answer)}; what that means for the key is not known.`,
    });
  throw new Ended(endings[verdict]);
}

/** Not found here: the other environment is asked once, for a demo key in prod is the commonest mistake. */
async function askElsewhere(ladder: Ladder, key: KalshiKey): Promise<never> {
  const other = otherEnvironment(ladder.environment);
  const answer = await ladder.climb("other-environment", `The key is known in ${other}`, () =>
    orProblem<KalshiAnswer>(async () => {
      const gain = await ladder.kalshi.getSigned({ ...key, environment: other }, "/portfolio/balance", ladder.signal);
      const verdict = keyVerdict(gain);
      const evidence = { asked: `GET /portfolio/balance, signed, in ${other}`, cameBack: inShort(gain) };
      if (verdict === "accepted")
        return { found: { says: `The key is known in ${other}.`, level: "warn", evidence }, gain };
      if (verdict === "pair-mismatch") {
        return {
          found: { says: `The id is known in ${other}, with another private key.`, level: "warn", evidence },
          gain,
        };
      }
      return {
        found: {
          says:
            verdict === "unknown-key"
              ? `The key is not known in ${other} either.`
              : `${other} does not tell (${inShort(gain)}).`,
          level: verdict === "unknown-key" ? "fail" : "unknown",
          evidence,
        },
        gain,
      };
    }),
  );
  if (isProblem(answer))
    throw new Ended("unknown_key", {
      says: `Kalshi does not know this key id in ${ladder.environment}; ${other} is not reachable.`,
    });
  const verdict = keyVerdict(answer);
  if (verdict === "accepted") throw new Ended("wrong_environment");
  if (verdict === "pair-mismatch") {
    throw new Ended("wrong_environment", {
      says: `This key id is of ${other}, and its private key is another one; ${ladder.environment} was chosen.`,
    });
  }
  throw new Ended("unknown_key");
}
