import { createAnyRuntime } from "../rehearsal/rehearse.ts";
import { runServer } from "./run-server.ts";
import { readServerArguments } from "./server-options.ts";

void runServer(readServerArguments(process.argv.slice(2)), createAnyRuntime);
