import { headers } from "next/headers";
import type { Place } from "../../components/ui/frame.tsx";
import { runtime } from "../../lib/runtime.ts";
import { defaultPorts } from "../../lib/settings.ts";

/** Which world this page belongs to, and the port that the browser reached it at. */
export async function place(): Promise<Place> {
  const { kind } = runtime();
  const host = (await headers()).get("host") ?? "";
  return { rehearsal: kind === "rehearsal", port: Number(/:(\d+)$/.exec(host)?.[1] ?? defaultPorts[kind]) };
}
