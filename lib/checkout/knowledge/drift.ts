import type { Knowledge, Place } from "./knowledge.ts";

/** One difference between two trees, and whether an installation that was made for the first holds for the second. */
export interface Drift {
  says: string;
  /** breaks: something that runs now would not; changes: it differs, and nothing is known to break; better: it heals. */
  kind: "breaks" | "changes" | "better";
}

const breaks = (says: string): Drift => ({ says, kind: "breaks" });
const changes = (says: string): Drift => ({ says, kind: "changes" });
const better = (says: string): Drift => ({ says, kind: "better" });

function listed(names: readonly string[], most = 6): string {
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

function programDrift(before: Knowledge, after: Knowledge): Drift[] {
  const old = new Map(before.programs.map((program) => [program.name, program]));
  const now = new Map(after.programs.map((program) => [program.name, program]));
  const gone = before.programs
    .filter(({ name }) => !now.has(name))
    .map(({ name }) => changes(`${name} is no program any more.`));
  const others = after.programs.flatMap((program): Drift[] => {
    const { name, script, exists, compiles, args } = program;
    const was = old.get(name);
    if (!was) {
      if (!exists) return [breaks(`${name} is a new program, and its script ${script} is missing.`)];
      return [changes(`${name} is a new program (${script}).`)];
    }
    if (was.exists && !exists) return [breaks(`${name} is still named, and its script ${script} is gone.`)];
    if (!was.exists && exists) return [better(`The script of ${name} (${script}) is there again.`)];
    if (was.compiles === true && typeof compiles === "string")
      return [breaks(`${script} does not compile: ${compiles}.`)];
    if (typeof was.compiles === "string" && compiles === true) return [better(`${script} compiles again.`)];
    if (was.script !== script) return [changes(`${name} is run from ${script} instead of ${was.script}.`)];
    if (was.args.join(" ") !== args.join(" "))
      return [
        changes(
          `${name} is started with ${args.join(" ") || "no arguments"} instead of ${was.args.join(" ") || "none"}.`,
        ),
      ];
    return [];
  });
  const broken = Object.entries(after.sources.broken).filter(([file]) => before.sources.broken[file] === undefined);
  return [...others, ...gone, ...broken.map(([file, error]) => breaks(`${file} does not compile: ${error}.`))];
}

function portDrift(before: Knowledge, after: Knowledge): Drift[] {
  return after.programs.flatMap(({ name, port }) => {
    const was = before.programs.find((program) => program.name === name)?.port;
    if (was === port || !before.programs.some((program) => program.name === name)) return [];
    if (port === undefined) return [changes(`${name} does not listen any more; it was on port ${was}.`)];
    if (was === undefined) return [changes(`${name} listens now, on port ${port}.`)];
    return [changes(`${name} listens on port ${port} instead of ${was}.`)];
  });
}

function requirementDrift(before: Knowledge, after: Knowledge): Drift[] {
  const pin = (name: string, version: string) => `${name}${version ? ` ${version}` : ""}`;
  const fresh = Object.entries(after.requirements).filter(([name]) => before.requirements[name] === undefined);
  const gone = Object.keys(before.requirements).filter((name) => after.requirements[name] === undefined);
  const other = Object.entries(after.requirements).filter(([name, version]) => {
    const was = before.requirements[name];
    return was !== undefined && was !== version;
  });
  return [
    ...(fresh.length > 0
      ? [changes(`requirements.txt asks for ${listed(fresh.map(([name, version]) => pin(name, version)))} besides.`)]
      : []),
    ...(gone.length > 0 ? [changes(`requirements.txt no longer asks for ${listed(gone)}.`)] : []),
    ...(other.length > 0
      ? [
          changes(
            `requirements.txt asks for ${listed(other.map(([name, version]) => `${pin(name, version)} instead of ${before.requirements[name] || "any"}`))}.`,
          ),
        ]
      : []),
  ];
}

const names = (places: readonly Place[]) => [...new Set(places.map(({ name }) => name))];
const fresh = (before: readonly Place[], after: readonly Place[]) =>
  names(after).flatMap((name) => {
    const first = after.find((one) => one.name === name);
    return names(before).includes(name) || !first ? [] : [`${name} (${first.file}:${first.line})`];
  });

function placeDrift(before: Knowledge, after: Knowledge): Drift[] {
  const told = (what: string, list: readonly string[]) =>
    list.length > 0 ? [changes(`${what} ${listed(list)}.`)] : [];
  return [
    ...told("The programs now read the environment variables", fresh(before.environment, after.environment)),
    ...told(
      "The programs no longer read",
      names(before.environment).filter((name) => !names(after.environment).includes(name)),
    ),
    ...told("Written into the code are now the hosts", fresh(before.hosts, after.hosts)),
    ...told(
      "No longer written into the code are",
      names(before.hosts).filter((name) => !names(after.hosts).includes(name)),
    ),
    ...told("Written into the code are now credentials:", fresh(before.credentials, after.credentials)),
  ];
}

/** @param needed routes that this product's own proofs ask, as "program path" */
function routeDrift(before: Knowledge, after: Knowledge, needed: readonly string[]): Drift[] {
  const named = (of: Knowledge) =>
    of.programs.flatMap(({ name, script }) =>
      of.routes.filter((route) => route.script === script).map(({ path }) => `${name} ${path}`),
    );
  const [old, now] = [named(before), named(after)];
  const gone = old.filter((route) => !now.includes(route));
  const lost = gone.filter((route) => needed.includes(route));
  const other = gone.filter((route) => !needed.includes(route));
  const added = now.filter((route) => !old.includes(route));
  return [
    ...(lost.length > 0 ? [breaks(`Gone is what the proofs here ask: GET ${listed(lost)}.`)] : []),
    ...(other.length > 0 ? [changes(`Gone are the routes GET ${listed(other)}.`)] : []),
    ...(added.length > 0 ? [changes(`New are the routes GET ${listed(added)}.`)] : []),
  ];
}

/** What differs between two trees, in words, what breaks first. Empty where nothing does that matters here. Pure. */
export function driftBetween(before: Knowledge, after: Knowledge, neededRoutes: readonly string[] = []): Drift[] {
  const all = [
    ...programDrift(before, after),
    ...portDrift(before, after),
    ...requirementDrift(before, after),
    ...routeDrift(before, after, neededRoutes),
    ...placeDrift(before, after),
  ];
  const order = { breaks: 0, better: 1, changes: 2 };
  return all.sort((one, other) => order[one.kind] - order[other.kind]);
}
