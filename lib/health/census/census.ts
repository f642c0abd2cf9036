import { type FoundRoute, listRoutes } from "../../checkout/source/routes.ts";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import { askFoundRoute } from "../program-client.ts";
import { type CensusRow, verdictOf } from "./verdicts.ts";

type Needs = Pick<World, "checkout" | "machine" | "supervisor">;

/** What is asked for where a path has a name in it. Nothing of it exists only here: these are REC.IO's own words. */
const known: Readonly<Record<string, string>> = { symbol: "btc", trade_id: "1" };

/** A route that reads by its method and does something by its name is left alone. */
const doesSomething =
  /(^|[/_-])(trigger|execute|restart|stop|start|kill|delete|remove|reset|set|update|create|order|close|open|logout|sync|notify|broadcast|clear|flush|run)([/_-]|$)/i;

/**
 * Makes system_monitor's whole report inside main_app (backend/main.py:794): some two dozen calls of supervisorctl, in
 * which main_app answers nobody, and an end to processes that it takes for second copies of a program.
 */
const holdsUp: Readonly<Record<string, string>> = {
  "/api/system-health":
    "it keeps main_app from answering for seconds, and ends processes that it takes for second copies",
};

/** The path with its names filled in, or why it is not asked. */
function filled(route: FoundRoute, files: Readonly<Record<string, string>>): { path: string } | { not: string } {
  const holds = holdsUp[route.path];
  if (holds !== undefined) return { not: holds };
  if (doesSomething.test(route.path) && !/\/get_[^/]*$/.test(route.path))
    return { not: "its name says that it does something" };
  if (route.query.length > 0) return { not: `it wants ${route.query.join(", ")}` };
  let path = route.path;
  for (const name of route.parameters) {
    const value = files[`${route.path}`] ?? known[name];
    if (value === undefined) return { not: `nothing is known for ${name}` };
    path = path.replace(/[{<][^}>]+[}>]/, value);
  }
  return { path };
}

/** A file that a route of files can be asked for: the first one in the folder of its name. */
async function filesOf({ checkout, machine }: Needs, routes: readonly FoundRoute[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { path, parameters } of routes) {
    const folder = /^\/([a-z]+)\/[{<]/.exec(path)?.[1];
    if (folder === undefined || parameters[0] !== "filename") continue;
    const place = checkout.at("frontend", folder);
    if (!(await machine.files.facts(place))) continue;
    for (const name of await machine.files.list(place)) {
      if ((await machine.files.facts(`${place}/${name}`))?.kind !== "file") continue;
      found[path] ??= encodeURIComponent(name);
    }
  }
  return found;
}

async function askOne(
  world: Needs,
  program: string,
  route: FoundRoute,
  files: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<CensusRow> {
  const row = { program, path: route.path, where: `${route.script}:${route.line}` };
  const how = filled(route, files);
  if ("not" in how) return { ...row, verdict: "not asked", says: how.not };
  try {
    const answer = await askFoundRoute(world, { program, path: how.path }, signal);
    return { ...row, ...verdictOf(route, answer), tookMs: answer.tookMs };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { ...row, verdict: "broken", says: thrown.evidence?.cameBack ?? thrown.says };
  }
}

/**
 * Asks every route of GET that the sources of the listening programs have, one after the other, and judges each by its
 * body. What does not run is not asked. Reads only, as far as the checkout's own handlers do.
 */
export async function takeCensus(world: Needs, signal: AbortSignal): Promise<CensusRow[]> {
  const { checkout, machine, supervisor } = world;
  const running = new Set(
    (await supervisor.programs()).filter(({ state }) => state === "RUNNING").map(({ name }) => name),
  );
  const listening = (await checkout.supervised()).filter(({ name, port }) => port !== undefined && running.has(name));
  const routes = await listRoutes(
    machine,
    checkout.python,
    checkout.root,
    listening.map(({ script }) => script),
    signal,
  );
  const files = await filesOf(world, routes);
  const rows: CensusRow[] = [];
  for (const { name, script } of listening)
    for (const route of routes.filter((one) => one.script === script))
      rows.push(await askOne(world, name, route, files, signal));
  return rows;
}
