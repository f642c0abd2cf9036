import { statePaths } from "../paths.ts";
import { alive, endGroup, execProgram, findProgram, signalOne, startDetached } from "./exec.ts";
import { freeBytes, machineFacts, packageTool } from "./facts.ts";
import { localFiles } from "./files.ts";
import { listListeners } from "./listeners.ts";
import type { Machine } from "./machine.ts";
import { systemPackages } from "./packages.ts";
import { listProcesses, processState } from "./processes.ts";

/** This computer. `stateFolder` is the only place below which whole trees may be removed. */
export function localMachine({ stateFolder }: { stateFolder: string }): Machine {
  const files = localFiles(stateFolder);
  const ground = { exec: execProgram, tool: packageTool(), root: process.getuid?.() === 0, files };
  return {
    files,
    packages: systemPackages({ ...ground, folder: statePaths(stateFolder).unpacked }),
    facts: machineFacts,
    freeBytes,
    exec: execProgram,
    startDetached,
    alive,
    halted: async (pid) => ["T", "t"].includes((await processState(pid)) ?? ""),
    signal: signalOne,
    end: endGroup,
    listeners: () => listListeners(execProgram),
    find: (program) => findProgram(program),
    processes: () => listProcesses(execProgram),
  };
}
