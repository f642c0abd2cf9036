import { join } from "node:path";
import { readSources } from "../../checkout/source/read-sources.ts";
import { readStatements, type Statement } from "../../checkout/statements/read-statements.ts";
import { applySchema } from "../../install/steps/apply-schema.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { projectRoot } from "../../paths.ts";
import { introspect } from "../../postgres/contract/introspect.ts";
import { countPreparable, prepareStatements } from "../../postgres/contract/prepare-statements.ts";
import { postgres } from "../../postgres/pool.ts";
import type { Postgres } from "../../postgres/postgres.ts";
import { targetOf } from "../../postgres/target.ts";
import { type TestInstallation, testInstallation, testJob } from "../../postgres/test-installation.ts";
import { slowLink } from "./slow-link.ts";
import { median } from "./start.ts";

interface Figures {
  select1Ms: number;
  catalogueMs: number;
  prepareMs: number;
}

export interface DatabaseFigures {
  statements: number;
  /** On a connection that is there already, medians. */
  local: Figures & { applyMs: number };
  /** The same over a line of 40 ms there and back. */
  link40: Figures & { catalogueRoundTrips: number; prepareRoundTrips: number };
  ratios: {
    /** The catalogue check over 3 × SELECT 1 + 30 ms on that line: under 1 is as promised. */
    catalogueToAllowance: number;
    catalogueToSelect1: number;
    prepareToSelect1: number;
    /** Over 300 ms, and the apply over 1 s: under 1 is as promised. */
    prepareToAllowance: number;
    applyToAllowance: number;
  };
}

const rounds = 7;
const linkMs = 40;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await work();
    all.push(performance.now() - started);
  }
  return Math.round(median(all) * 10) / 10;
}

async function figuresOf(on: Postgres, statements: readonly Statement[]): Promise<Figures> {
  return {
    select1Ms: await timed(() => on.query("app", "SELECT 1")),
    catalogueMs: await timed(() => introspect(on, "installer")),
    prepareMs: await timed(() => prepareStatements(on, statements)),
  };
}

/** Statements of a checkout, or of the stand-in that the rehearsal runs. */
async function statementsOf(installed: TestInstallation, checkout: string | undefined): Promise<Statement[]> {
  const root = checkout ?? join(projectRoot(), "lib/rehearsal/checkout/tree");
  const machine = localMachine({ stateFolder: installed.paths.state });
  const listed = await machine.files.list(join(root, "backend"));
  const scripts = listed.filter((name) => name.endsWith(".py")).map((name) => `backend/${name}`);
  const { files } = await readSources(machine, "/usr/bin/python3", root, scripts);
  const programs = scripts.flatMap((script) =>
    (script.endsWith("symbol_price_watchdog.py") ? [["BTC"], ["ETH"]] : [[]]).map((args) => ({ script, args })),
  );
  return (await readStatements(machine, "/usr/bin/python3", root, files, programs)).statements;
}

/** What looking at the database costs, here and over a slow line, and what making its tables takes. */
export async function benchDatabase(
  checkout: string | undefined,
  say: (line: string) => void,
): Promise<DatabaseFigures> {
  const applies: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const empty = await testInstallation({ upTo: "roles" });
    const started = performance.now();
    await applySchema(empty.answers).run(empty.world, testJob());
    applies.push(performance.now() - started);
    await empty.end();
  }
  const installed = await testInstallation();
  const statements = await statementsOf(installed, checkout);
  say(`${countPreparable(statements)} statements.`);
  const local = { ...(await figuresOf(installed.postgres, statements)), applyMs: Math.round(median(applies)) };
  const link = await slowLink(installed.server, linkMs / 2);
  const machine = localMachine({ stateFolder: installed.paths.state });
  const target = { ...targetOf(installed.answers.database), port: link.port };
  const far = postgres({ target, paths: installed.paths, machine });
  try {
    await far.query("installer", "SELECT 1");
    const figures = await figuresOf(far, statements);
    link.roundTrips();
    await introspect(far, "installer");
    const catalogueRoundTrips = link.roundTrips();
    await prepareStatements(far, statements);
    const prepareRoundTrips = link.roundTrips();
    const ratio = (one: number, other: number) => Math.round((one / other) * 100) / 100;
    return {
      statements: countPreparable(statements),
      local,
      link40: { ...figures, catalogueRoundTrips, prepareRoundTrips },
      ratios: {
        catalogueToAllowance: ratio(figures.catalogueMs, 3 * figures.select1Ms + 30),
        catalogueToSelect1: ratio(figures.catalogueMs, figures.select1Ms),
        prepareToSelect1: ratio(figures.prepareMs, figures.select1Ms),
        prepareToAllowance: ratio(local.prepareMs, 300),
        applyToAllowance: ratio(local.applyMs, 1000),
      },
    };
  } finally {
    await far.close();
    await link.close();
    await installed.end();
  }
}
