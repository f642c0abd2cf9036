import { type Change, step } from "../../engine/step.ts";
import { seedRowsAreThere } from "../../health/probes/database/seed-rows.ts";
import { namingLockHolder } from "../../postgres/contract/lock-holders.ts";
import { quoteIdentifier, quoteName } from "../../postgres/identifier.ts";
import type { Postgres } from "../../postgres/postgres.ts";
import { asWhoIsLetIn, nothingThereYet } from "../../postgres/roles/administrator.ts";
import { type Seed, seedFaults, seedRowsNow } from "../../postgres/seed-rows.ts";
import { isProblem } from "../../problem.ts";

/** Tables whose row was inserted, and columns of rows that were there and empty. */
type Receipt = { rows: string[]; columns: [string, string][] };

/** Before the tables are there every row is missing. */
const notThereYet = new Set([
  "database.object-missing",
  "database.database-missing",
  "database.password-missing",
  "database.password-wrong",
  "database.login-refused",
]);

async function faultsSoFar(postgres: Postgres) {
  if (await nothingThereYet(postgres)) return seedFaults({});
  try {
    return await asWhoIsLetIn(async (as) =>
      seedFaults(await seedRowsNow({ query: (_as, text, values) => postgres.query(as, text, values) })),
    );
  } catch (error) {
    if (isProblem(error) && notThereYet.has(error.code)) return seedFaults({});
    throw error;
  }
}

const dotted = (table: string) => quoteName(...table.split("."));

function insertOf({ table, values }: Seed): [string, unknown[]] {
  const columns = Object.keys(values);
  const places = columns.map((_column, index) => `$${index + 1}`);
  return [
    `INSERT INTO ${dotted(table)} (id, ${columns.map(quoteIdentifier).join(", ")}) VALUES (1, ${places.join(", ")}) ON CONFLICT (id) DO NOTHING RETURNING id`,
    Object.values(values),
  ];
}

/** Inserts the rows that REC.IO starts from. A value that is there is never overwritten; automated trading begins off. */
export function seedRows() {
  return step<"postgres", Receipt>({
    id: "seed-rows",
    title: "Insert the rows that REC.IO starts from",
    why: "Without these rows its programs answer with silent defaults, one of which is a stop-loss that is on.",
    probes: [seedRowsAreThere()],

    async describe({ postgres }) {
      return (await faultsSoFar(postgres)).map(({ object, seed, column }): Change => {
        if (column) return { what: "rows", target: object, detail: `is empty and becomes ${seed.values[column]}` };
        const switches = "auto_entry" in seed.values ? "; auto_entry and auto_stop are false" : "";
        return { what: "rows", target: object, detail: `one row with id 1${switches}` };
      });
    },

    async run({ postgres }) {
      const receipt: Receipt = { rows: [], columns: [] };
      await namingLockHolder(postgres, () =>
        postgres.withTransaction("installer", async (session) => {
          await session.query("SET LOCAL lock_timeout = '5s'");
          for (const { seed, column } of seedFaults(
            await seedRowsNow({ query: (_as, text, values) => session.query(text, values) }),
          )) {
            if (column) {
              const name = quoteIdentifier(column);
              await session.query(`UPDATE ${dotted(seed.table)} SET ${name} = $1 WHERE id = 1 AND ${name} IS NULL`, [
                seed.values[column],
              ]);
              receipt.columns.push([seed.table, column]);
            } else {
              const [inserted] = await session.query(...insertOf(seed));
              if (inserted) receipt.rows.push(seed.table);
            }
          }
        }),
      );
      return receipt;
    },

    undo: {
      async takeBack({ postgres }, receipt) {
        if (await nothingThereYet(postgres)) return;
        try {
          for (const table of receipt.rows)
            await postgres.query("installer", `DELETE FROM ${dotted(table)} WHERE id = 1`);
        } catch (error) {
          if (
            isProblem(error) &&
            (error.code === "database.object-missing" || error.code === "database.database-missing")
          )
            return;
          throw error;
        }
      },
    },
  });
}
