import { localMachine } from "../machine/local-machine.ts";
import { exchangeCountFile } from "../settings.ts";
import type { SeenRequest } from "./requests.ts";

const file = exchangeCountFile();
const files = file === undefined ? undefined : localMachine({ stateFolder: "/" }).files;
let written: Promise<void> = Promise.resolve();

/**
 * In a test run, every stand-in of the exchange in every process notes here what it was asked, so that the run can say
 * what this product sent over all tests together. Outside a test run it does nothing.
 */
export function countForTheSuite({ standIn, method, websocket, from }: SeenRequest): void {
  if (file === undefined || files === undefined) return;
  const line = `${JSON.stringify({ standIn, method, websocket, from })}\n`;
  // One after the other: lines that are appended at once may be torn.
  written = written.then(() => files.append(file, line, 0o600)).catch(() => {});
}
