import type { StatePaths } from "../paths.ts";
import type { Runtime } from "../runtime.ts";
import type { Settings } from "../settings.ts";

/** How a runtime is made; the one implementation is lib/runtime/create.ts, tests have a small one of their own. */
export type MakeRuntime = (world: {
  settings: Settings;
  paths: StatePaths;
  kind: "real" | "rehearsal";
  version: string;
  /** It only takes back: what a rehearsal has of its own is found as it is, and nothing is made. */
  leaving?: boolean;
}) => Promise<Runtime>;
