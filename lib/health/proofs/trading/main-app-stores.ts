import type { Finding } from "../../../engine/probe.ts";
import type { Answers } from "../../../install/answers.ts";
import { isProblem, repairedBy } from "../../../problem.ts";
import { askJson, fields } from "../../program-client.ts";
import type { AskedQuestion } from "../../report.ts";
import { type BorrowedSetting, borrowSetting, pageSize, positionSize } from "../means/borrowed-setting.ts";
import { inTurn, until } from "../means/canary.ts";
import { type HeldLock, heldLock, readLock } from "../means/order-lock.ts";
import { programProof } from "../means/program-proof.ts";

export interface MainStoresFacts {
  setting: BorrowedSetting["name"];
  table: BorrowedSetting["table"];
  /** The value that we wrote into the row, and what main_app then showed. */
  planted: number;
  shown: unknown;
  /** The value that we sent to main_app, what then stood in the row, and whether the row's date had moved on. */
  sent: number;
  stored: number | null;
  dated: boolean;
  /** Why position_size was left alone, where it was. */
  released: boolean;
}

export function judgeMainStores(facts: MainStoresFacts): Finding {
  const { setting, table, planted, shown, sent, stored } = facts;
  const object = `${table}.${setting}`;
  const evidence = {
    asked: `${setting} ${planted} in the row, read through main_app; ${setting} ${sent} through main_app, read in the row`,
    cameBack: `main_app shows ${String(shown)}; the row holds ${stored ?? "nothing"}${facts.dated ? " with a new date" : ""}`,
  };
  const fail = (says: string): Finding => ({
    level: "fail",
    says,
    objects: [object],
    evidence,
    remedy: repairedBy("apply-schema", "Bring the tables into the shape that REC.IO needs."),
  });
  if (shown !== planted)
    return fail(`main_app shows ${setting} ${String(shown)} while ${object} holds ${planted}: it shows a default.`);
  if (stored !== sent)
    return fail(`main_app says it stored ${setting} ${sent}, and ${object} holds ${stored ?? "nothing"}.`);
  if (!facts.dated) return fail(`main_app stored ${setting} without a new date in ${table}.updated_at.`);
  const why = facts.released ? " The size of orders was left alone, for trading is released." : "";
  return {
    level: "ok",
    says: `Reads and stores ${setting}: ${planted} read, ${sent} stored, your own value is back.${why}`,
    evidence,
  };
}

/** The table or the column is not there: nothing needs to be asked of main_app. */
function missingSetting({ table, name }: BorrowedSetting, says: string): Finding {
  const remedy = repairedBy("apply-schema", "Bring the tables into the shape that REC.IO needs.");
  return { level: "fail", says, objects: [says.includes(name) ? `${table}.${name}` : table], remedy };
}

const routes = {
  position_size: { read: "/api/get_trade_preferences", write: "/api/set_position_size" },
  page_size: { read: "/api/get_trade_history_preferences", write: "/api/set_trade_history_preferences" },
} as const;

/** The setting that may be touched now, with the lock that allows it. Pure. */
export function settingToBorrow(lock: HeldLock | undefined): { setting: BorrowedSetting; lock?: HeldLock } {
  return lock ? { setting: positionSize, lock } : { setting: pageSize };
}

export function mainStoresProof(answers: Answers): AskedQuestion {
  const program = "main_app";
  return programProof<"postgres" | "checkout" | "machine" | "paths">(answers, {
    id: "main-app-stores",
    title: "main_app stores what it is told",
    program,
    everyMs: 900_000,
    prove: async (world, signal) => {
      const { setting, lock } = settingToBorrow(heldLock(await readLock(world, signal)));
      const { read, write } = routes[setting.name];
      const proved = inTurn(world, signal, (session) =>
        borrowSetting(world, session, setting, async (was, [planted, sent], look) => {
          const send = (value: number, ending: AbortSignal) =>
            askJson(
              world,
              {
                program,
                method: "POST",
                path: write,
                body: { [setting.name]: value },
                timeoutMs: 8000,
                ...(lock ? { lock } : {}),
              },
              ending,
            );
          await session.query(setting.write, [planted]);
          const shown = fields(await askJson(world, { program, method: "GET", path: read }, signal))[setting.name];
          try {
            await send(sent, signal);
            const after = await until(look, (row) => row?.value === sent, 2000, signal);
            return judgeMainStores({
              setting: setting.name,
              table: setting.table,
              planted,
              shown,
              sent,
              stored: after?.value ?? null,
              dated: (after?.at ?? null) !== was.at,
              released: lock === undefined,
            });
          } finally {
            // main_app keeps preferences for a second and writes them all back with the next change of any of them: it
            // must have forgotten ours before the row is restored. What does not come through is restored all the same.
            if (was.value !== null && was.value > 0)
              await send(was.value, AbortSignal.timeout(8000)).catch(() => undefined);
          }
        }),
      );
      return proved.catch((thrown: unknown) => {
        if (isProblem(thrown) && thrown.code === "database.object-missing") return missingSetting(setting, thrown.says);
        throw thrown;
      });
    },
  });
}
