import type { World } from "../../world.ts";
import type { Claim } from "./break.ts";

const usualPatienceMs = 3_000;

/** What supervisord says of a program. */
export async function stateOf(world: Pick<World, "supervisor">, program: string): Promise<Claim> {
  const found = (await world.supervisor.programs()).find(({ name }) => name === program);
  const says = found?.state ?? "not known";
  return { who: program, says, good: says === "RUNNING" };
}

/** What a program answers: the status, and the first words of the body. Reads only. */
export async function answerOf(
  world: Pick<World, "checkout">,
  program: string,
  path: string,
  { post, patienceMs = usualPatienceMs }: { post?: Record<string, string>; patienceMs?: number } = {},
): Promise<Claim> {
  const who = `${post ? "POST" : "GET"} ${path}`;
  try {
    const answer = await fetch(new URL(path, await world.checkout.urlOf(program)), {
      signal: AbortSignal.timeout(patienceMs),
      redirect: "manual",
      ...(post ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(post) } : {}),
    });
    const body = (await answer.text()).replace(/\s+/g, " ").trim();
    return { who, says: `${answer.status} ${body.length > 90 ? `${body.slice(0, 89)}…` : body}`, good: answer.ok };
  } catch {
    return { who, says: "no answer", good: false };
  }
}

/** What system_monitor wrote into its row: its count of healthy programs. */
export async function monitorRow(world: Pick<World, "postgres">): Promise<Claim> {
  const [row] = await world.postgres.query<{ overall: string; healthy: number; total: number }>(
    "app",
    "SELECT overall_status AS overall, services_healthy AS healthy, services_total AS total FROM system.health_status WHERE id = 1",
  );
  return {
    who: "system.health_status",
    says: row ? `${row.overall}, ${row.healthy} of ${row.total}` : "no row",
    good: row?.overall === "healthy",
  };
}

/** The last line that a program printed. */
export async function lastWord(world: Pick<World, "supervisor">, program: string): Promise<Claim> {
  const [line = ""] = (await world.supervisor.tail(program, "out", 1)).slice(-1);
  return { who: `log of ${program}`, says: line.slice(0, 120), good: true };
}
