/**
 * Keeps a good answer that was dear to get for as long as what it was got from is the same.
 * @param forMs the answer is got anew after so long, whatever the stamp says
 * @param isGood only such answers are kept: what is not well is looked at anew each time
 */
export function keptAnswer<T>(forMs: number, isGood: (answer: T) => boolean) {
  const known = new Map<string, { stamp: string; at: number; answer: T }>();
  return async (about: string, stamp: string, ask: () => Promise<T>): Promise<T> => {
    const kept = known.get(about);
    if (kept?.stamp === stamp && Date.now() - kept.at < forMs) return kept.answer;
    known.delete(about);
    const answer = await ask();
    if (isGood(answer)) known.set(about, { stamp, at: Date.now(), answer });
    return answer;
  };
}
