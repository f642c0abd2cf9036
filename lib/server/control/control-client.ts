import { request } from "node:http";
import { Problem, sentence } from "../../problem.ts";
import type { CallInput, CallName, CallOutput, ServerStatus } from "./calls.ts";
import type { ControlAnswer } from "./control-server.ts";

interface ServerOnlyCalls {
  status: { input: Record<string, never>; output: ServerStatus };
  "mint-code": { input: Record<string, never>; output: { code: string; expiresAt: number } };
  shutdown: { input: Record<string, never>; output: Record<string, never> };
}

type Input<Name> = Name extends keyof ServerOnlyCalls
  ? ServerOnlyCalls[Name]["input"]
  : Name extends CallName
    ? CallInput<Name>
    : never;
type Output<Name> = Name extends keyof ServerOnlyCalls
  ? ServerOnlyCalls[Name]["output"]
  : Name extends CallName
    ? CallOutput<Name>
    : never;

const nobodyThere = new Set(["ENOENT", "ECONNREFUSED", "ENOTSOCK", "ENOTDIR"]);

function post(path: string, name: string, input: unknown, timeoutMs: number | undefined): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({
      socketPath: path,
      path: `/${name}`,
      method: "POST",
      headers: { Host: "localhost", "Content-Type": "application/json" },
    });
    if (timeoutMs !== undefined)
      asking.setTimeout(timeoutMs, () => asking.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    asking.once("error", (error: NodeJS.ErrnoException) =>
      nobodyThere.has(error.code ?? "") ? resolve(undefined) : reject(error),
    );
    asking.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("end", () => resolve(Buffer.concat(parts).toString("utf8")));
      response.once("error", reject);
    });
    asking.end(JSON.stringify(input));
  });
}

/**
 * Asks the server that listens at a control socket. Undefined where nobody listens there.
 * @throws Problem as the server threw it; `control.no-answer` where the server went away in the middle or is stuck.
 */
export async function askServer<Name extends CallName | keyof ServerOnlyCalls>(
  path: string,
  name: Name,
  input: Input<Name>,
  options: { timeoutMs?: number } = {},
): Promise<Output<Name> | undefined> {
  let text: string | undefined;
  try {
    text = await post(path, name, input, options.timeoutMs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") {
      throw new Problem({
        code: "control.not-allowed",
        says: `${path} belongs to another user.`,
        remedy: sentence("Run this command as the user who set up REC.IO."),
      });
    }
    const isGone = ["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException).code ?? "");
    throw new Problem(
      {
        code: "control.no-answer",
        says: isGone ? `The server ended in the middle of "${name}".` : `The server did not answer "${name}".`,
        remedy: sentence(
          isGone ? "Run the command again: it goes on where this one was." : "Run npm run stop, then npm start.",
        ),
      },
      { cause: error },
    );
  }
  if (text === undefined) return undefined;
  const answer = JSON.parse(text) as ControlAnswer;
  if ("problem" in answer) throw new Problem(answer.problem);
  if ("bug" in answer) throw new Error(answer.bug);
  return answer.result as Output<Name>;
}
