import { Problem, sentence } from "../../lib/problem.ts";
import type { Runtime } from "../../lib/runtime.ts";

/** What only one kind of page can do, asked of the other kind. */
function notHere(says: string): Problem {
  return new Problem({
    code: "rehearsal.not-here",
    says,
    remedy: sentence("Reload this page: another server answers here now."),
  });
}

export function breaks({ breaks: panel }: Runtime): NonNullable<Runtime["breaks"]> {
  if (panel) return panel;
  throw notHere("Only a rehearsal can be broken on purpose.");
}

export function leaving(runtime: Runtime): Promise<void> {
  if (runtime.leave) return runtime.leave();
  throw notHere("This page is no rehearsal.");
}

export function rehearsing(runtime: Runtime): Promise<{ link: string }> {
  if (runtime.rehearse) return runtime.rehearse();
  throw notHere("This page is a rehearsal already.");
}
