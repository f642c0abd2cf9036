import { z } from "zod";
import { type Stamped, stamped } from "../../lib/engine/events.ts";

// The page's policy allows no evaluated code, so zod must not try to compile its parsers.
z.config({ jitless: true });

/** One line of a run's stream, or undefined where it is none. */
export function readEvent(line: string): Stamped | undefined {
  return stamped.safeParse(JSON.parse(line)).data;
}
