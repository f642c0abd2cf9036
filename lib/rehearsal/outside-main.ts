import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { localMachine } from "../machine/local-machine.ts";
import type { KeyRegistration } from "./kalshi/state.ts";
import { startOutside } from "./outside.ts";

/**
 * The outside world as a program of its own:
 *
 *   node outside-main --folder DIR --dialect 2025|today
 *     [--prod-key KEYID=PUBLIC.pem]… [--demo-key KEYID=PUBLIC.pem]… [--port 443] [--control-port N] [--seed N]
 *
 * Prints one JSON line when everything answers, `{ ready, authority, hosts, requests, control, port }`, and ends on TERM.
 */
const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    dialect: { type: "string", default: "2025" },
    "prod-key": { type: "string", multiple: true, default: [] },
    "demo-key": { type: "string", multiple: true, default: [] },
    port: { type: "string", default: "443" },
    "control-port": { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});

if (!values.folder) throw new Error("--folder is missing");
const folder = resolve(values.folder);
if (values.dialect !== "2025" && values.dialect !== "today") throw new Error("--dialect is 2025 or today");
const { files } = localMachine({ stateFolder: folder });

async function registrations(given: readonly string[]): Promise<KeyRegistration[]> {
  return Promise.all(
    given.map(async (pair) => {
      const [keyId = "", file = ""] = pair.split(/=(.*)/s);
      const publicKeyPem = await files.read(resolve(file));
      if (publicKeyPem === undefined) throw new Error(`${file} is not there`);
      return { keyId, publicKeyPem };
    }),
  );
}

const outside = await startOutside({
  files,
  folder,
  dialect: values.dialect,
  keys: { prod: await registrations(values["prod-key"]), demo: await registrations(values["demo-key"]) },
  port: Number(values.port),
  controlPort: Number(values["control-port"]),
  seed: Number(values.seed),
});

const end = () => {
  outside.stop().then(() => process.exit(0));
};
process.once("SIGTERM", end);
process.once("SIGINT", end);

const { authorityFile: authority, hostsFile: hosts, requestsFile: requests, control, port } = outside;
process.stdout.write(`${JSON.stringify({ ready: true, authority, hosts, requests, control, port })}\n`);
