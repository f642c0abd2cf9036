import { isProblem } from "../../problem.ts";
import type { KalshiAnswer, KalshiKey } from "../kalshi.ts";
import { type KeyVerdict, keyVerdict } from "../wire/refusal.ts";
import { Ended, type Ladder } from "./ladder.ts";
import { inShort, orProblem } from "./looks.ts";
import { type Outcome, otherEnvironment, outcomeWords, spokenEnvironment } from "./outcomes.ts";
import { patiently } from "./patience.ts";
import { rungTitles } from "./rungs.ts";

/** How the climb ends where the key is not accepted. */
export const endings: Readonly<Record<Exclude<KeyVerdict, "accepted" | "unknown-key">, Outcome>> = {
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
          found: {
            says: `Kalshi does not know this key id in ${spokenEnvironment(environment)}.`,
            level: "fail",
            evidence,
          },
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
  if (verdict === "unknown-key") return askElsewhere(ladder, key, inShort(answer));
  if (verdict === "unexpected")
    throw new Ended("unexpected", {
      says: `Kalshi answers ${inShort(answer)}; what that means for the key is not known.`,
    });
  throw new Ended(endings[verdict]);
}

const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);

/** Not found here: the other environment is asked once, for a demo key in production is the commonest mistake. */
async function askElsewhere(ladder: Ladder, key: KalshiKey, cameBackHere: string): Promise<never> {
  const other = otherEnvironment(ladder.environment);
  const here = spokenEnvironment(ladder.environment);
  const there = spokenEnvironment(other);
  const answer = await ladder.climb("other-environment", `The key is known in ${there}`, () =>
    orProblem<KalshiAnswer>(async () => {
      const gain = await ladder.kalshi.getSigned({ ...key, environment: other }, "/portfolio/balance", ladder.signal);
      const verdict = keyVerdict(gain);
      const evidence = { asked: `GET /portfolio/balance, signed, in ${there}`, cameBack: inShort(gain) };
      if (verdict === "accepted")
        return { found: { says: `The key is known in ${there}.`, level: "warn", evidence }, gain };
      if (verdict === "restricted")
        return {
          found: { says: `The key is known in ${there}, and may not read the balance.`, level: "warn", evidence },
          gain,
        };
      if (verdict === "pair-mismatch") {
        return {
          found: { says: `The id is known in ${there}, with another private key.`, level: "warn", evidence },
          gain,
        };
      }
      return {
        found: {
          says:
            verdict === "unknown-key"
              ? `The key is not known in ${there} either.`
              : `${capital(there)} does not tell (${inShort(gain)}).`,
          level: verdict === "unknown-key" ? "fail" : "unknown",
          evidence,
        },
        gain,
      };
    }),
  );
  if (isProblem(answer))
    throw new Ended("unknown_key", {
      says: `Kalshi does not know this key id in ${here}; ${there} is not reachable.`,
    });
  const verdict = keyVerdict(answer);
  if (verdict === "accepted") {
    const { says, remedy } = outcomeWords("wrong_environment", ladder.environment);
    ladder.restate("accepted", {
      says,
      level: "fail",
      detail: `${capital(here)} does not know it. ${capital(there)} accepted the same key at once.`,
      evidence: {
        asked: `GET /portfolio/balance, signed, in ${here}, then in ${there}`,
        cameBack: `${cameBackHere}; then ${inShort(answer)}`,
      },
      ...(remedy ? { remedy } : {}),
    });
    throw new Ended("wrong_environment");
  }
  if (verdict === "pair-mismatch") {
    throw new Ended("wrong_environment", {
      says: `This key id is of ${there}, and its private key is another one; ${here} was chosen.`,
    });
  }
  if (verdict === "restricted") throw new Ended("wrong_environment");
  if (verdict !== "unknown-key")
    throw new Ended("unknown_key", {
      says: `Kalshi does not know this key id in ${here}; ${there} does not tell (${inShort(answer)}).`,
    });
  throw new Ended("unknown_key");
}
