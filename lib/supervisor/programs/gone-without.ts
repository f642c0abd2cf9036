import type { Answers } from "../../install/answers.ts";

/** Exits at once without a Kalshi key: it opens the key's file unguarded (kalshi_account_sync_ws.py:122 at 26c9406). */
const needsKey = "kalshi_account_sync";

/**
 * The programs that are not supervised although the checkout names them: those that the person agreed to go without,
 * and without a Kalshi key the one that cannot live without it. Pure.
 */
export function programsGoneWithout(answers: Pick<Answers, "consent" | "kalshi">): string[] {
  const agreed = answers.consent.goOnWithout;
  return answers.kalshi.kind === "none" && !agreed.includes(needsKey) ? [...agreed, needsKey] : [...agreed];
}
