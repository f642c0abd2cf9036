import { join } from "node:path";
import { sqlFile } from "../../../postgres/sql-file.ts";
import type { World } from "../../../world.ts";
import { type Break, type Claim, soon } from "../break.ts";

const table = "users.trade_preferences_0001";

/** Loads the dump as install.sh does: through a pipe into psql, which goes on after an error and ends with 0. */
async function restore({ machine, postgres, paths }: World): Promise<Claim> {
  const { target } = postgres;
  const passwords = join(paths.state, "pipeline.pgpass");
  const password = ((await machine.files.read(paths.appPassword)) ?? "").replace(/\n$/, "");
  const escaped = password.replace(/([\\:])/g, "\\$1");
  await machine.files.write(passwords, `*:*:*:*:${escaped}\n`, 0o600);
  try {
    const { code, stderr } = await machine.exec(
      "psql",
      ["-X", "-h", target.host, "-p", String(target.port), "-U", target.appUser, "-d", target.database],
      {
        input: `${sqlFile("rehearsal/dump-of-another-shape.sql")}\n`,
        env: { PATH: "/usr/bin:/bin", PGPASSFILE: passwords, PGSSLMODE: target.sslmode },
      },
    );
    const said = stderr.split("\n").find((line) => line.startsWith("ERROR")) ?? "no error";
    return { who: "pg_dump | psql", says: `ended with ${code} (${said.slice(0, 80)})`, good: code === 0 };
  } finally {
    await machine.files.remove(passwords);
  }
}

let last: Claim | undefined;

/** A restore through a pipe: psql ends with 0, and the row that was to be restored is gone. */
export const psqlPipeline: Break = {
  name: "psql-pipeline",
  title: "A restore ends with 0, its rows missing",
  expects: { probes: ["seed-rows"], level: "fail", cause: /users\.trade_preferences_0001/ },
  withinMs: soon,
  remedy: { stepId: "seed-rows", says: "Insert the row" },
  claims: async () => (last ? [last] : []),
  async throw({ world }) {
    last = await restore(world);
  },
  async mend({ world, repair }) {
    const rows = await world.postgres.query("app", `SELECT 1 FROM ${table} WHERE id = 1`);
    if (rows.length === 0) await repair("seed-rows");
  },
};
