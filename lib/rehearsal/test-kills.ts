import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { localMachine } from "../machine/local-machine.ts";
import type { TestRehearsal } from "./test-rehearsal.ts";

/** What a process of a rehearsal is. */
export type Part = "door" | "keeper" | "server" | "postgres" | "source" | "supervisord" | "outside" | "program";

interface Living {
  pid: number;
  part: Part;
}

function partOf(command: string): Part {
  if (command.includes("keeper.sh")) return "keeper";
  if (command.includes("server.cjs")) return "server";
  if (command.includes("setup.cjs")) return "door";
  if (command.includes("rehearsal-outside")) return "outside";
  if (command.includes("supervisord")) return "supervisord";
  if (/\bpostgres\b/.test(command) && command.includes("-D"))
    return command.includes("/rehearsal/source") ? "source" : "postgres";
  return "program";
}

/** Every process whose command line names the rehearsal's folder; a server's backends end with their postmaster. */
export async function living({ paths }: TestRehearsal): Promise<Living[]> {
  const machine = localMachine({ stateFolder: paths.state });
  return (await machine.processes())
    .filter(({ command, pid }) => command.includes(paths.state) && pid !== process.pid)
    .map(({ command, pid }) => ({ pid, part: partOf(command) }));
}

/** Kills these parts at once, as a machine without memory or a power cut does. Returns the parts that were there. */
export async function kill(rehearsal: TestRehearsal, parts: readonly Part[]): Promise<Part[]> {
  const victims = (await living(rehearsal)).filter(({ part }) => parts.includes(part));
  for (const { pid } of victims) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return [...new Set(victims.map(({ part }) => part))];
}

/** Every port of this rehearsal, its page's included. Empty where its record is gone. */
export function portsOf({ paths, port }: TestRehearsal): Set<number> {
  const file = join(paths.state, "rehearsal/world.json");
  if (!existsSync(file)) return new Set([port]);
  const { ports } = JSON.parse(readFileSync(file, "utf8")) as { ports: Record<string, unknown> };
  const numbers = (value: unknown): number[] =>
    typeof value === "number" ? [value] : Object.values(value ?? {}).flatMap(numbers);
  return new Set([port, ...numbers(ports)]);
}

/** What is left of a rehearsal that was uninstalled: processes, ports, files. */
export async function leftOf(rehearsal: TestRehearsal, ports: ReadonlySet<number>): Promise<string[]> {
  const { state } = rehearsal.paths;
  const machine = localMachine({ stateFolder: state });
  const files = existsSync(dirname(state)) ? readdirSync(dirname(state)) : [];
  return [
    ...(await machine.processes())
      .filter(({ command }) => command.includes(state))
      .map(({ command }) => `process ${command.slice(0, 120)}`),
    ...(await machine.listeners()).filter(({ port }) => ports.has(port)).map(({ port }) => `port ${port}`),
    ...files.map((name) => `file ${name}`),
    ...(existsSync(state) ? readdirSync(state).map((name) => `file ${name} in the state folder`) : []),
  ];
}
