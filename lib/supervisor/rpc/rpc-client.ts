import { request } from "node:http";
import { Problem, sentence } from "../../problem.ts";
import { decodeResponse, encodeCall, type RpcFault, type RpcValue } from "./xml-rpc.ts";

/** supervisord's fault codes that we tell apart (supervisor/xmlrpc.py). */
export const faults = {
  badName: 10,
  spawnError: 50,
  abnormalTermination: 40,
  alreadyStarted: 60,
  notRunning: 70,
} as const;

/** supervisord answered, and said no. */
export class FaultProblem extends Problem {
  readonly fault: RpcFault;
  constructor(method: string, fault: RpcFault) {
    super({
      code: "supervisor.refused",
      says: `supervisord refuses ${method}: ${fault.text}.`,
      remedy: sentence("Read supervisord's log, or restart supervisord."),
      evidence: { asked: method, cameBack: `fault ${fault.code}: ${fault.text}` },
    });
    this.fault = fault;
  }
}

/** The fault code of a refusal, by shape and not by class: several module instances may live in one process. */
export function faultCode(thrown: unknown): number | undefined {
  const fault = (thrown as { fault?: { code?: unknown } } | undefined)?.fault;
  return typeof fault?.code === "number" ? fault.code : undefined;
}

function unreachable(error: NodeJS.ErrnoException, method: string): Problem {
  const evidence = { asked: method, cameBack: error.code ?? error.message };
  if (error.code === "EACCES" || error.code === "EPERM") {
    return new Problem({
      code: "supervisor.not-allowed",
      says: "The socket of supervisord belongs to another user.",
      remedy: sentence("Run this as the user who installed REC.IO."),
      evidence,
    });
  }
  return new Problem({
    code: "supervisor.not-running",
    says: "supervisord does not run.",
    remedy: { kind: "step", stepId: "start-supervisord", says: "Start supervisord" },
    evidence,
  });
}

export interface CallOptions {
  /** Default 5 000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * One XML-RPC call over a unix socket.
 * @throws Problem `supervisor.not-running`, `supervisor.not-allowed`, `supervisor.no-answer` or `supervisor.refused`.
 */
export function callRpc(
  socketPath: string,
  method: string,
  parameters: readonly RpcValue[] = [],
  options: CallOptions = {},
): Promise<RpcValue> {
  const body = encodeCall(method, parameters);
  const timeoutMs = options.timeoutMs ?? 5_000;
  return new Promise((resolve, reject) => {
    const noAnswer = (cameBack: string) =>
      new Problem({
        code: "supervisor.no-answer",
        says: "supervisord runs but does not answer.",
        remedy: sentence("Read supervisord's log, or restart supervisord."),
        evidence: { asked: method, cameBack },
      });
    const call = request(
      {
        socketPath,
        path: "/RPC2",
        method: "POST",
        headers: { "Content-Type": "text/xml", "Content-Length": Buffer.byteLength(body), Host: "localhost" },
        agent: false,
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", (error) => reject(noAnswer(error.message)));
        response.once("end", () => {
          clearTimeout(patience);
          if (response.statusCode !== 200) {
            reject(noAnswer(`HTTP ${response.statusCode}`));
            return;
          }
          try {
            const answer = decodeResponse(Buffer.concat(chunks).toString("utf8"));
            if ("fault" in answer) reject(new FaultProblem(method, answer.fault));
            else resolve(answer.value);
          } catch (error) {
            reject(noAnswer((error as Error).message));
          }
        });
      },
    );
    const patience = setTimeout(() => {
      reject(noAnswer(`nothing within ${timeoutMs} ms`));
      call.destroy();
    }, timeoutMs);
    call.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(patience);
      // An answer that was given up by the caller is the caller's matter, not a finding about supervisord.
      reject(options.signal?.aborted ? error : unreachable(error, method));
    });
    call.end(body);
  });
}
