import { parseArgs } from "node:util";
import { z } from "zod";
import { Problem, sentence } from "../../problem.ts";

export const recioTestOptions = z.object({
  /** The REC.IO checkout that is installed. */
  checkout: z.string().min(1),
  /** Install the tree itself rather than a clone of it. */
  inPlace: z.boolean(),
  dialect: z.enum(["2025", "today"]),
  /** Choose the shim that shows REC.IO today's Kalshi under the names that it knows. */
  translate: z.boolean(),
  json: z.boolean(),
  /** An ordinary user installs into his own home instead of root. */
  user: z.boolean(),
  /** Where REC.IO's database is: with us, or on a server of Debian's that a superuser or a lesser role administers. */
  database: z.enum(["embedded", "superuser", "createrole"]),
  /** Copy the system data from a source that stands in the namespaces, instead of building it from the archive. */
  source: z.boolean(),
  /** Break the installation in the ways that must be noticed, and mend it again. */
  drills: z.boolean(),
  /** Break the checkout's own files, ports, key, logs and database too; always so with the drills of a clone. */
  badInput: z.boolean(),
  /** Replace the Kalshi key, switch its environment, take both back, and see what Kalshi does to a key told in time. */
  kalshi: z.boolean(),
  /** Install without a Kalshi key and give it afterwards, as the health page does. */
  keyless: z.boolean(),
  /** Bring about every known way in which REC.IO says that all is well while it is not, and mend it again. */
  catalogue: z.boolean(),
  /** Pack it up into one encrypted file, take it back, and become the same installation in another state folder. */
  move: z.boolean(),
  /** Bring the installation to the commit before and back. */
  update: z.boolean(),
  /** Kill the installation in its middle, again and again, and cut the power when it is done. */
  crash: z.boolean(),
  /** Measure for so many seconds what watching the installation costs; 0 for not at all. */
  rest: z.coerce.number().int().min(0),
  /** Stay up after the installation until the process is ended, for looking around by hand. */
  hold: z.boolean(),
});
export type RecioTestOptions = z.infer<typeof recioTestOptions>;

export const recioTestUsage =
  "npm run test:recio -- --checkout DIR [--in-place] [--dialect 2025|today] [--translate] [--database embedded|superuser|createrole] [--source] [--user] [--no-drills] [--bad-input] [--kalshi] [--keyless] [--catalogue] [--crash] [--update] [--move] [--rest SECONDS] [--hold] [--json]";

/** @throws Problem `options.not-usable` */
export function readRecioTestOptions(args: readonly string[]): RecioTestOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        checkout: { type: "string" },
        "in-place": { type: "boolean", default: false },
        dialect: { type: "string", default: "2025" },
        translate: { type: "boolean", default: false },
        database: { type: "string", default: "embedded" },
        source: { type: "boolean", default: false },
        user: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        "no-drills": { type: "boolean", default: false },
        "bad-input": { type: "boolean", default: false },
        kalshi: { type: "boolean", default: false },
        keyless: { type: "boolean", default: false },
        catalogue: { type: "boolean", default: false },
        move: { type: "boolean", default: false },
        crash: { type: "boolean", default: false },
        update: { type: "boolean", default: false },
        rest: { type: "string", default: "0" },
        hold: { type: "boolean", default: false },
      },
    });
    return recioTestOptions.parse({
      checkout: values.checkout,
      inPlace: values["in-place"],
      dialect: values.dialect,
      translate: values.translate,
      database: values.database,
      source: values.source,
      user: values.user,
      json: values.json,
      drills: !values["no-drills"],
      badInput: values["bad-input"] || (!values["no-drills"] && !values["in-place"]),
      kalshi: values.kalshi,
      keyless: values.keyless,
      catalogue: values.catalogue,
      move: values.move,
      crash: values.crash,
      update: values.update,
      rest: values.rest,
      hold: values.hold,
    });
  } catch {
    throw new Problem({
      code: "options.not-usable",
      says: "These options are not usable.",
      remedy: sentence(`Call it as: ${recioTestUsage}`),
    });
  }
}
