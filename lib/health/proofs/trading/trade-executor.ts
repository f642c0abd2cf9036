import { join } from "node:path";
import { z } from "zod";
import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { repairedBy } from "../../../problem.ts";
import { hookLiveFolder } from "../../../supervisor/program-environment.ts";
import type { World } from "../../../world.ts";
import { askProgram, fields, jsonOf } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { programProof, readLog } from "../means/program-proof.ts";

/** What the gate says to one kind of order. */
export interface GateAnswer {
  kind: "open" | "close";
  how: "manual" | "auto";
  allowed: boolean;
}

export interface ExecutorFacts {
  health: { status: unknown; service: unknown };
  /** pid of the process that supervisord runs. */
  pid?: number;
  /** Addresses on which that port is listened on. */
  listensOn: readonly string[];
  /** Status of the answer to a request that came with a foreign Host. */
  foreignHost: number;
  /** What the hook left word of from inside the process. */
  hook?: { pid: number; patched: readonly string[] };
  /** `orders` of the permit, null where there is none. */
  orders: string | null;
  gate: readonly GateAnswer[];
}

/** The modules whose patching puts the order gate into the executor's way to Kalshi. */
const gateModules = ["requests.sessions", "requests.adapters"];

/** What each mode of the permit must answer. */
export function mustBeAllowed(orders: string | null, { kind, how }: Pick<GateAnswer, "kind" | "how">): boolean {
  if (orders === "all") return true;
  if (orders === "manual") return kind === "close" || how === "manual";
  return orders === "close-only" && kind === "close";
}

export function judgeExecutor(facts: ExecutorFacts): Finding {
  const told = facts.gate
    .map(({ kind, how, allowed }) => `${how} ${kind} ${allowed ? "passes" : "refused"}`)
    .join(", ");
  const evidence = {
    asked:
      "GET /health, the word that the hook left from inside the process, and order_lock.may_send for four kinds of order, rolled back",
    cameBack: `pid ${facts.pid ?? "unknown"}, hook in pid ${facts.hook?.pid ?? "none"} with ${facts.hook?.patched.filter((name) => gateModules.includes(name)).join(", ") || "no gate"}; listens on ${facts.listensOn.join(", ") || "unknown"}; foreign Host ${facts.foreignHost}; orders ${facts.orders ?? "no permit"}: ${told}`,
    means: "No order was sent, and /trigger_trade was not asked.",
  };
  const fail = (
    says: string,
    remedy = repairedBy("install-hook", "Install the hook and start the programs again."),
  ): Finding => ({ level: "fail", says, evidence, remedy });
  if (facts.health.status !== "healthy" || facts.health.service !== "trade_executor")
    return fail("trade_executor does not call itself healthy.", readLog("trade_executor"));
  if (!facts.hook)
    return fail("The hook left no word from inside trade_executor, so nothing stands in front of its orders.");
  if (facts.pid === undefined || facts.hook.pid !== facts.pid)
    return fail(
      `The hook's word is of process ${facts.hook.pid}, and trade_executor is process ${facts.pid ?? "unknown"}.`,
    );
  const missing = gateModules.filter((name) => !facts.hook?.patched.includes(name));
  if (missing.length > 0)
    return fail(`The order gate is not in trade_executor's way to Kalshi: ${missing.join(" and ")} are as they were.`);
  const open = facts.listensOn.filter((address) => address !== "127.0.0.1" && address !== "::1");
  if (open.length > 0) return fail(`trade_executor listens on ${open.join(", ")} and not only on this machine.`);
  if (facts.foreignHost < 400) return fail("trade_executor answers a visitor with a foreign Host.");
  const wrong = facts.gate.filter((answer) => answer.allowed !== mustBeAllowed(facts.orders, answer));
  const first = wrong[0];
  if (first) {
    const did = first.allowed ? "lets" : "does not let";
    return fail(
      `With orders ${facts.orders ?? "not permitted"}, the order gate ${did} a ${first.how} ${first.kind} pass.`,
      repairedBy("hold-new-orders", "Put the order lock in place."),
    );
  }
  const refusals = facts.gate.filter((answer) => !answer.allowed).length;
  return {
    level: "ok",
    says: `Answers; the order gate is live in process ${facts.pid} and refuses ${refusals} of ${facts.gate.length} kinds of order (orders: ${facts.orders ?? "none permitted"}).`,
    evidence,
  };
}

const live = z.object({ pid: z.number(), patched: z.array(z.string()) });

async function hookWord(world: Pick<World, "machine" | "paths">, program: string): Promise<ExecutorFacts["hook"]> {
  const text = await world.machine.files.read(join(hookLiveFolder(world.paths), `${program}.json`));
  if (text === undefined) return undefined;
  try {
    return live.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Asks the gate as REC.IO's role, inside a transaction that is rolled back: the record of attempts stays true. */
async function gateAnswers(world: Pick<World, "postgres">, ticket: string, signal: AbortSignal): Promise<GateAnswer[]> {
  return world.postgres.withSession(
    "app",
    async (session) => {
      const answers: GateAnswer[] = [];
      await session.query("BEGIN");
      try {
        for (const kind of ["open", "close"] as const)
          for (const how of ["manual", "auto"] as const) {
            const [row] = await session.query<{ allowed: boolean }>(
              "SELECT order_lock.may_send($1, $2, $3, $4) AS allowed",
              [kind, how, ticket, "canary of the health page"],
            );
            answers.push({ kind, how, allowed: row?.allowed === true });
          }
      } finally {
        await session.query("ROLLBACK");
      }
      return answers;
    },
    { signal },
  );
}

export function tradeExecutorProof(answers: Answers): AskedQuestion {
  const program = "trade_executor";
  return programProof<"postgres" | "checkout" | "machine" | "paths" | "supervisor">(answers, {
    id: "trade-executor-works",
    title: "trade_executor answers, and the order gate stands in front of it",
    program,
    everyMs: 120_000,
    prove: async (world, signal) => {
      const health = fields(jsonOf(await askProgram(world, { program, method: "GET", path: "/health" }, signal)));
      const foreign = await askProgram(
        world,
        { program, method: "GET", path: "/health", host: "rec-io.example" },
        signal,
      );
      const port = Number(new URL(await world.checkout.urlOf(program)).port);
      const [permit] = await world.postgres.query<{ orders: string }>(
        "installer",
        "SELECT orders FROM order_lock.permit WHERE id = 1",
        [],
        { signal },
      );
      const pid = (await world.supervisor.programs()).find((state) => state.name === program)?.pid;
      const hook = await hookWord(world, program);
      return judgeExecutor({
        health: { status: health.status, service: health.service },
        ...(pid === undefined ? {} : { pid }),
        listensOn: [
          ...new Set(
            (await world.machine.listeners()).filter((holder) => holder.port === port).map((holder) => holder.address),
          ),
        ],
        foreignHost: foreign.status,
        ...(hook ? { hook } : {}),
        orders: permit?.orders ?? null,
        gate: await gateAnswers(world, "canary", signal),
      });
    },
  });
}
