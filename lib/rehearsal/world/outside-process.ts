import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { projectRoot } from "../../paths.ts";
import { Problem, sentence } from "../../problem.ts";
import type { OutsideOrder } from "./outside-order.ts";
import type { RehearsalPlaces } from "./places.ts";
import { portHeld } from "./ports.ts";

/** A second, and many times that on a machine that does other things too; what died is told at once. */
const patienceMs = 30_000;
const pollMs = 50;
const lookEveryMs = 1_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The one process of the stand-ins. */
export interface OutsideProcess {
  /** "http://127.0.0.1:PORT" of its control listener. */
  readonly control: string;
  /** Starts it unless it runs with this very order; resolves when it answers. */
  ensure(order: OutsideOrder): Promise<void>;
  /** From now on starts it again when it died, until the returned function is called. */
  keep(order: () => OutsideOrder): () => void;
  /** Tells it over its control listener what goes wrong from now on, also after it was started again. */
  tell(path: string, body: object): Promise<void>;
  end(): Promise<void>;
}

/** @param version the build whose bundle is run */
export function outsideProcess(
  machine: Machine,
  places: RehearsalPlaces,
  controlPort: number,
  version: string,
): OutsideProcess {
  const control = `http://127.0.0.1:${controlPort}`;
  /** What goes wrong at the feeds: it lasts, also beyond a restart of the process. */
  const lasting = new Map<string, object>();
  const running = async () => (await machine.processes()).filter(({ args }) => args.includes(places.outsideOrder));

  async function answers(): Promise<boolean> {
    try {
      const answer = await fetch(`${control}/about`, { signal: AbortSignal.timeout(1_000) });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  async function post(path: string, body: object): Promise<void> {
    const answer = await fetch(`${control}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(3_000),
    });
    if (!answer.ok) throw new Error(`the stand-ins refuse ${path}: ${await answer.text()}`);
  }

  async function end(): Promise<void> {
    for (const { pid } of await running()) await machine.end(pid, 2_000);
  }

  async function start(): Promise<void> {
    const entry = join(projectRoot(), ".build", version, "rehearsal-outside.cjs");
    const pid = await machine.startDetached(process.execPath, [entry, places.outsideOrder], {
      cwd: places.folder,
      logFile: places.outsideLog,
    });
    const deadline = Date.now() + patienceMs;
    while (!(await answers())) {
      const alive = await machine.alive(pid);
      if (alive && Date.now() < deadline) {
        await pause(pollMs);
        continue;
      }
      const lines = ((await machine.files.tail(places.outsideLog, 2_000)) ?? "").trim().split("\n");
      if (alive) await machine.end(pid, 2_000);
      throw new Problem({
        code: "rehearsal.outside-did-not-start",
        says: "The stand-ins of Kalshi and of the price feeds did not start.",
        remedy: sentence("Look at what they said, then try again."),
        evidence: { asked: entry, cameBack: lines.at(-1) ?? "nothing" },
      });
    }
    for (const [path, body] of lasting) await post(path, body);
  }

  async function checkPorts({ ports }: OutsideOrder): Promise<void> {
    const own = new Set(Object.values(ports));
    const held = (await machine.listeners()).find(({ port }) => own.has(port));
    if (!held) return;
    const by = held.program
      ? `${held.program}${held.pid === undefined ? "" : ` (process ${held.pid})`}`
      : "another program";
    throw portHeld(held.port, "stand-ins", by);
  }

  async function ensureNow(order: OutsideOrder): Promise<void> {
    const text = JSON.stringify(order);
    const same = (await machine.files.read(places.outsideOrder)) === text;
    if (same && (await running()).length === 1 && (await answers())) return;
    await end();
    await checkPorts(order);
    await machine.files.write(places.outsideOrder, text, 0o600);
    await start();
  }

  // Whoever restarts it on purpose and whoever finds it gone take turns: two at once would end or shut out each other's.
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  const self: OutsideProcess = {
    control,
    ensure: (order) => inTurn(() => ensureNow(order)),
    keep(order) {
      let kept = true;
      void (async () => {
        while (kept) {
          await pause(lookEveryMs);
          if (!kept || (await answers())) continue;
          // A machine without memory or a port that was taken meanwhile: the findings say so, and this tries again.
          await inTurn(async () => {
            if (kept && !(await answers())) await ensureNow(order());
          }).catch(() => {});
        }
      })();
      return () => {
        kept = false;
      };
    },
    async tell(path, body) {
      lasting.set(path, body);
      await post(path, body);
    },
    end,
  };
  return self;
}
