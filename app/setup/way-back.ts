import { runtime } from "../../lib/runtime.ts";

export interface Asked {
  searchParams: Promise<{ then?: string | string[] }>;
}

/** Where a page of the wizard leads when it was opened to give one thing again: to the run or the review that asked. */
export async function wayBack({ searchParams }: Asked): Promise<string | undefined> {
  const { then } = await searchParams;
  if (then === "review") return "/setup/review";
  if (typeof then !== "string" || !(await runtime().runState(then))) return undefined;
  return `/runs/${encodeURIComponent(then)}`;
}
