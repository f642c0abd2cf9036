import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "playwright/test";
import { hasPythonPackages, hookFolder } from "../lib/checkout/hook/test-hook.ts";
import { visitInChromium } from "../lib/cli/recio-test/foreign-page.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

/** Two programs as REC.IO's are: they let every origin read, and run whatever is posted. Each tells what reached it. */
const programs = `
import logging, socket, threading, time, uvicorn
from fastapi import FastAPI, Request, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from flask import Flask, request
from flask_cors import CORS
from werkzeug.serving import make_server
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
def told(*words): print(*words, flush=True)
def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0)); return probe.getsockname()[1]
api, flask, ports = FastAPI(), Flask("toy"), [free(), free()]
api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"], allow_headers=["*"])
CORS(flask)
@api.get("/secret")
async def secret(): told("read", "fastapi"); return {"balance": 98}
@api.post("/command")
async def command(body: Request): told("ran", "fastapi"); return {}
@api.websocket("/ws")
async def feed(connection: WebSocket): told("websocket", "fastapi"); await connection.accept(); await connection.receive_text()
flask.route("/secret")(lambda: told("read", "flask") or {"balance": 98})
flask.route("/command", methods=["POST"], endpoint="command")(lambda: told("ran", "flask") or {})
server = uvicorn.Server(uvicorn.Config(api, host="0.0.0.0", port=ports[0], log_level="critical"))
threading.Thread(target=server.run, daemon=True).start()
threading.Thread(target=make_server("0.0.0.0", ports[1], flask, threaded=True).serve_forever, daemon=True).start()
deadline = time.time() + 30
while not server.started and time.time() < deadline: time.sleep(0.02)
told("ports", *ports)
threading.Event().wait()
`;

test("in Chromium a page of another site can neither post to REC.IO's programs nor read from them", async () => {
  test.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "strangers-"));
  let child: ChildProcess | undefined;
  try {
    const script = join(folder, "programs.py");
    writeFileSync(script, programs);
    child = spawn("/usr/bin/python3", [script], {
      env: { PATH: "/usr/bin:/bin", PYTHONPATH: hookFolder, PYTHONDONTWRITEBYTECODE: "1", NODE_ENV: "test" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const told: string[] = [];
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    const ports = await new Promise<number[]>((resolve, reject) => {
      child?.once("exit", (code) => reject(new Error(`the programs ended with ${code}`)));
      lines.on("line", (line) => {
        told.push(line);
        if (line.startsWith("ports ")) resolve(line.split(" ").slice(1).map(Number));
      });
    });
    const [fastapi = 0, flask = 0] = ports;
    const paths = { get: "/secret", post: "/command" };
    const visits = await visitInChromium([
      { name: "FastAPI", port: fastapi, paths: { ...paths, websocket: "/ws" } },
      { name: "Flask", port: flask, paths },
    ]);
    expect(visits.flatMap(({ faults }) => faults)).toEqual([]);
    expect(visits.map(({ visit }) => visit.own.read)).toEqual([
      expect.stringMatching(/^200 .*98/),
      expect.stringMatching(/^200 .*98/),
    ]);
    // Twice each, by its own page: opened and read by a script. Nothing else reached a program, and nothing was run.
    expect(told.slice(1)).toEqual(["read fastapi", "read fastapi", "websocket fastapi", "read flask", "read flask"]);
  } finally {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
