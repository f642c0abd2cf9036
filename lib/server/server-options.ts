import { parseArgs } from "node:util";
import type { ServerOptions } from "./run-server.ts";

/** The server's own command line, written by start-server.ts and by nobody else. */
export function serverArguments(options: ServerOptions): string[] {
  return [
    `--state=${options.state}`,
    `--kind=${options.kind}`,
    `--port=${options.port}`,
    `--version=${options.version}`,
    ...(options.dev ? ["--dev"] : []),
    ...(options.kept ? ["--kept"] : []),
  ];
}

/** Reads what {@link serverArguments} wrote. @throws TypeError of parseArgs where something else is there. */
export function readServerArguments(args: readonly string[]): ServerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      state: { type: "string" },
      kind: { type: "string" },
      port: { type: "string" },
      version: { type: "string" },
      dev: { type: "boolean", default: false },
      kept: { type: "boolean", default: false },
    },
  });
  if (!values.state || !values.port || !values.version)
    throw new Error("the server wants --state, --port and --version");
  return {
    state: values.state,
    kind: values.kind === "rehearsal" ? "rehearsal" : "real",
    port: Number(values.port),
    version: values.version,
    dev: values.dev,
    kept: values.kept,
  };
}
