import { createRuntime } from "../runtime/create.ts";
import { runServer } from "./run-server.ts";
import { readServerArguments } from "./server-options.ts";

void runServer(readServerArguments(process.argv.slice(2)), createRuntime);
