"use client";
import { useQuery } from "@tanstack/react-query";
import type { HealthReport } from "../../lib/health/report.ts";
import { useNow } from "../ui/clock.ts";
import type { LockSeen } from "./contract.ts";
import type { Day } from "./day.ts";
import { type AgedReport, aged } from "./rows.ts";

async function getJson<Body>(path: string, signal: AbortSignal, alsoFine: readonly number[] = []): Promise<Body> {
  const response = await fetch(path, { signal });
  if (!response.ok && !alsoFine.includes(response.status)) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as Body;
}

/** The report, asked every two seconds, with its ages going on in between. 503 is an answer: it means "not installed". */
export function useHealth(painted: HealthReport): AgedReport {
  const now = useNow();
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => getJson<HealthReport>("/api/health", signal, [503]),
    initialData: painted,
    refetchInterval: 2000,
  });
  return aged(data, now === 0 ? 0 : Math.max(0, now - dataUpdatedAt));
}

/** The trace changes once a minute. */
export function useDay(painted: Day): Day {
  return useQuery({
    queryKey: ["history"],
    queryFn: ({ signal }) => getJson<Day>("/api/health/history", signal),
    initialData: painted,
    refetchInterval: 60_000,
  }).data;
}

export function useLock(painted: LockSeen): { lock: LockSeen; refetch: () => void } {
  const { data, refetch } = useQuery({
    queryKey: ["trading"],
    queryFn: ({ signal }) => getJson<LockSeen>("/api/trading", signal),
    initialData: painted,
    refetchInterval: 5000,
  });
  return { lock: data, refetch: () => void refetch() };
}
