import { mayTradeTwice } from "../../backup/moved.ts";
import { type Change, step } from "../../engine/step.ts";
import { automatedEntryHeld, orderLockIntact } from "../../health/probes/database/order-lock.ts";
import { compare } from "../../postgres/contract/compare.ts";
import { settingsTable } from "../../postgres/contract/contract.ts";
import { introspect } from "../../postgres/contract/introspect.ts";
import { namingLockHolder } from "../../postgres/contract/lock-holders.ts";
import { emptyReceipt, type MendReceipt, mendOwners } from "../../postgres/contract/mend.ts";
import { giveBack } from "../../postgres/contract/unmend.ts";
import { installLock } from "../../postgres/order-lock.ts";
import { nothingThereYet } from "../../postgres/roles/administrator.ts";
import { sqlFile } from "../../postgres/sql-file.ts";
import { targetOf } from "../../postgres/target.ts";
import { isProblem } from "../../problem.ts";
import type { Answers } from "../answers.ts";

/** `made`: there was no lock before. `owners`: who owned the table or the schema users, where it was not the installer. */
type Receipt = { made: boolean; owners: MendReceipt["owners"] };

/**
 * Installs the order lock, or installs it again after a restore took it away, and engages it. A lock that was released
 * and then damaged comes back locked: what it let through meanwhile is not known.
 */
export function holdNewOrders(answers: Answers) {
  const target = targetOf(answers.database);
  return step<"postgres" | "machine" | "paths", Receipt>({
    id: "hold-new-orders",
    title: "Hold new orders",
    why: "REC.IO's monitor switches automated entry on by itself when a service comes back; held, it stays off until you release it.",
    probes: [orderLockIntact(answers), automatedEntryHeld()],

    async describe(): Promise<Change[]> {
      return [
        {
          what: "sql",
          target: "order_lock",
          detail: `a schema of ${target.installerUser}: permit, attempts, and the order gate may_send() that ${target.appUser} may ask`,
        },
        {
          what: "sql",
          target: settingsTable,
          detail: `trigger zz_order_lock, enabled always; owned by ${target.installerUser}, so that ${target.appUser} cannot take it off`,
        },
        {
          what: "sql",
          target: "users",
          detail: `owned by ${target.installerUser}; ${target.appUser} may still use it and create in it`,
        },
        {
          what: "rows",
          target: `${settingsTable}.auto_entry`,
          detail: "false, and held; auto_stop stays what it is, and is held there",
        },
        {
          what: "rows",
          target: "order_lock.permit",
          detail: answers.moved
            ? "none: no order is sent before you have said that the other installation no longer trades"
            : "close-only: no new order is sent, closing stays possible",
        },
      ];
    },

    async run({ postgres, machine, paths }, job) {
      const orders = (await mayTradeTwice({ machine, paths })) ? "none" : "close-only";
      const relevant = compare(await introspect(postgres, "installer"), target).filter(
        ({ object }) => object === "users" || object === settingsTable,
      );
      const moved = emptyReceipt();
      const [lock] = await postgres.query<{ there: boolean }>(
        "installer",
        "SELECT to_regnamespace('order_lock') IS NOT NULL AS there",
      );
      await namingLockHolder(postgres, async () => {
        const foreign = relevant.some(
          ({ found, kind }) => kind.endsWith("-owner") && found !== target.appUser && found !== target.installerUser,
        );
        await postgres.withTransaction(foreign ? "admin" : "installer", async (session) => {
          await session.query("SET LOCAL lock_timeout = '5s'");
          await mendOwners(session, relevant, moved);
        });
        await job.spent({ made: !lock?.there, owners: moved.owners });
        await postgres.withTransaction("installer", (session) => installLock(session, target, orders));
      });
      job.log(orders === "none" ? "No order passes." : "New orders are held; closing stays possible.");
      return { made: !lock?.there, owners: moved.owners };
    },

    undo: {
      async takeBack({ postgres }, receipt, job) {
        if (await nothingThereYet(postgres)) return;
        try {
          if (receipt.made) {
            await namingLockHolder(postgres, () =>
              postgres.withTransaction("installer", async (session) => {
                await session.query("SET LOCAL lock_timeout = '5s'");
                await session.query(sqlFile("lock/detach.sql"));
              }),
            );
            job.log("The order lock is removed. Automated entry is off, but nothing holds it off any more.");
          }
          if (receipt.owners.length === 0) return;
          const others = receipt.owners.some(
            ([, , owner]) => owner !== target.appUser && owner !== target.installerUser,
          );
          await postgres.withTransaction(others ? "admin" : "installer", (session) =>
            giveBack(session, receipt.owners),
          );
        } catch (error) {
          if (isProblem(error) && error.code === "database.database-missing") return;
          throw error;
        }
      },
    },
  });
}
