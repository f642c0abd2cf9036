/** Questions that fall on one beat are asked within this time; whoever asks later gets an answer of his own. */
const sharedForMs = 1_000;

/** The parts of a world through which somebody watches it. */
const watched = new WeakSet<object>();

/** The same part of a world for one who watches: what several questions of a beat look at is read once for all. */
export function forWatching<Source extends object>(source: Source): Source {
  const copy = { ...source };
  watched.add(copy);
  return copy;
}

/**
 * One reading for everybody who asks on the same beat: several questions often look at the same thing. Only who watches
 * shares: a step that looks again after its change must see what is there now. A reading that failed is not shared.
 * @param read must not depend on one asker's signal: one that gives up must not take the answer from the others.
 */
export function sharedReading<Source extends object, T>(
  read: (source: Source) => Promise<T>,
): (source: Source) => Promise<T> {
  const known = new WeakMap<Source, { at: number; reading: Promise<T> }>();
  return (source) => {
    if (!watched.has(source)) return read(source);
    const last = known.get(source);
    if (last && Date.now() - last.at < sharedForMs) return last.reading;
    const reading = read(source);
    known.set(source, { at: Date.now(), reading });
    reading.catch(() => known.delete(source));
    return reading;
  };
}
