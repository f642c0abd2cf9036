import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import { done, type HookRoom, hasPythonPackages, hookFolder, hookRoom } from "./test-hook.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

let room: HookRoom;
test.beforeAll(async () => {
  room = await hookRoom();
});
test.afterAll(async () => room?.leave());

test("every way of connecting reaches the installation's database, and a foreign one is refused", () => {
  const { answer, stderr } = room.run(`${done}
import psycopg2
from psycopg2 import connect
from psycopg2.pool import SimpleConnectionPool, ThreadedConnectionPool
public = dict(host="localhost", database="rec_io_db", user="rec_io_user", password="rec_io_password")
def seen(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT current_database(), current_user, current_setting('application_name')")
    return list(cursor.fetchone())
ways = [
    seen(psycopg2.connect(**public)), seen(connect(port=5432, **public)), seen(connect(port="1", **public)),
    seen(connect("host=localhost dbname=rec_io_db user=rec_io_user password=x")),
    seen(connect("postgresql://rec_io_user:x@localhost:5432/rec_io_db")),
    seen(connect("dbname=rec_io_db", user="rec_io_user")), seen(connect(dbname="rec_io_db", hostaddr="127.0.0.1")),
    seen(SimpleConnectionPool(1, 1, **public).getconn()), seen(ThreadedConnectionPool(1, 1, "dbname=rec_io_db").getconn()),
]
refused = []
for foreign in (dict(public, host="192.0.2.1"), dict(public, database="other"), dict(public, user="postgres")):
    try: connect(connect_timeout=1, **foreign); refused.append(False)
    except psycopg2.OperationalError as failure: refused.append("rec-hook: refused" in str(failure))
done({"ways": ways, "refused": refused})
`);
  expect(stderr).toBe("");
  const seen = answer as { ways: string[][]; refused: boolean[] };
  expect(seen.ways).toHaveLength(9);
  for (const way of seen.ways) expect(way).toEqual([room.database.name, `app ${room.database.name}`, "rec:toy"]);
  expect(seen.refused).toEqual([true, true, true]);
});

test("a supervised program without its settings does not start, and says which are missing", () => {
  const ran = room.run("print('started')", { REC_DB_PASSWORD_FILE: undefined, REC_DB_NAME: "" });
  expect(ran.status).toBe(78);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toContain("REC_DB_NAME, REC_DB_PASSWORD_FILE is not set");
});

test("a password that cannot be read is no reason to use another one", () => {
  const ran = room.run("import psycopg2", { REC_DB_PASSWORD_FILE: "/nowhere" });
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("/nowhere");
});

test("every listener goes to loopback, and what is no listener is left alone", () => {
  const { answer } = room.run(`${done}
import socket, uvicorn
from http.server import HTTPServer, BaseHTTPRequestHandler
from werkzeug.serving import make_server
def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0)); return probe.getsockname()[1]
six = socket.socket(socket.AF_INET6); six.bind(("::", free()))
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); datagrams.bind(("0.0.0.0", free()))
done([
    HTTPServer(("", free()), BaseHTTPRequestHandler).server_address[0],
    make_server("0.0.0.0", free(), None).server_address[0],
    uvicorn.Config(None, "0.0.0.0").host, uvicorn.Config(None, host="192.0.2.7").host, uvicorn.Config(None, host="localhost").host,
    six.getsockname()[0], datagrams.getsockname()[0],
    socket.create_server(("0.0.0.0", free())).getsockname()[0],
])
`);
  expect(answer).toEqual([
    "127.0.0.1",
    "127.0.0.1",
    "127.0.0.1",
    "127.0.0.1",
    "localhost",
    "::1",
    "0.0.0.0",
    "127.0.0.1",
  ]);
});

test("REC.IO's own buttons start no second REC.IO, and its supervisorctl goes on working", () => {
  const { answer, stderr } = room.run(`${done}
import os, subprocess, sys
def run(command, **more):
    try: return subprocess.run(command, capture_output=True, text=True, **more).stdout.strip()
    except PermissionError as refused: return "refused " + refused.filename
done([
    run(["./scripts/MASTER_RESTART.sh"]), run("bash scripts/MASTER_RESTART.sh emergency", shell=True),
    run(["supervisord", "-c", "backend/supervisord.conf"]), run(["bash", "-c", "cd /; ./scripts/MASTER_RESTART.sh&"]),
    run(["/usr/bin/pkill", "-f", "rec_io"]), run(["echo", "supervisorctl status main_app"]), run("echo it is; echo well", shell=True),
])`);
  expect(answer).toEqual([
    "refused MASTER_RESTART.sh",
    "refused MASTER_RESTART.sh",
    "refused supervisord",
    "refused MASTER_RESTART.sh",
    "refused pkill",
    "supervisorctl status main_app",
    "it is\nwell",
  ]);
  expect(stderr).toContain("[rec-hook] MASTER_RESTART.sh was not run: it starts another REC.IO beside this one.");
});

const visitors = [
  ["a local client", { Host: "localhost:PORT" }, 200],
  ["another port of a tunnel", { Host: "127.0.0.1:13000", Origin: "http://127.0.0.1:13000" }, 200],
  ["a page of REC.IO's own", { Host: "localhost:PORT", Origin: "http://localhost:3000" }, 200],
  ["a rebound name", { Host: "evil.example" }, 421],
  ["a name that only begins right", { Host: "localhost.evil.example:3000" }, 421],
  ["a name with credentials", { Host: "localhost@evil.example" }, 421],
  ["another site's page", { Host: "localhost:PORT", Origin: "https://evil.example" }, 403],
  ["a sandboxed page", { Host: "localhost:PORT", Origin: "null" }, 403],
  ["a page on another port", { Host: "localhost:PORT", Origin: "http://localhost:8080" }, 403],
  [
    "a picture in another site's page",
    { Host: "localhost:PORT", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" },
    403,
  ],
  [
    "a link in another site's page",
    { Host: "localhost:PORT", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" },
    200,
  ],
] as const;

test("FastAPI and Flask answer this machine's own visitors and refuse all others", () => {
  const { answer, stderr } = room.run(`${done}
import http.client, socket, threading, time, uvicorn
from fastapi import FastAPI
from werkzeug.serving import make_server
from flask import Flask
def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0)); return probe.getsockname()[1]
api, flask = FastAPI(), Flask("toy")
api.get("/")(lambda: {}); flask.route("/")(lambda: {})
ports = [free(), free()]
server = uvicorn.Server(uvicorn.Config(api, host="0.0.0.0", port=ports[0], log_level="critical"))
threading.Thread(target=server.run, daemon=True).start()
import logging; logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
threading.Thread(target=make_server("0.0.0.0", ports[1], flask).serve_forever, daemon=True).start()
deadline = time.time() + 10
while not server.started and time.time() < deadline: time.sleep(0.02)
answers = []
for headers in json.loads(${JSON.stringify(JSON.stringify(visitors.map(([, headers]) => headers)))}):
    statuses = []
    for port in ports:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        client.putrequest("GET", "/", skip_host=True)
        for name, text in headers.items(): client.putheader(name, text.replace("PORT", str(port)))
        client.endheaders(); statuses.append(client.getresponse().status)
    answers.append(statuses)
done(answers)
`);
  expect(stderr).toBe("");
  const statuses = answer as number[][];
  visitors.forEach(([name, , wanted], index) => {
    expect(statuses[index], name).toEqual([wanted, wanted]);
  });
});

test("a websocket of another site's page is refused, one of REC.IO's own is served", () => {
  const { answer } = room.run(`${done}
import asyncio, socket, threading, time, uvicorn, websockets
from fastapi import FastAPI, WebSocket
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0)); port = probe.getsockname()[1]
api = FastAPI()
@api.websocket("/ws")
async def feed(connection: WebSocket):
    await connection.accept(); await connection.send_text("data"); await connection.close()
server = uvicorn.Server(uvicorn.Config(api, host="0.0.0.0", port=port, log_level="critical"))
threading.Thread(target=server.run, daemon=True).start()
deadline = time.time() + 10
while not server.started and time.time() < deadline: time.sleep(0.02)
async def visit(origin):
    try:
        async with websockets.connect("ws://localhost:%d/ws" % port, origin=origin) as connection: return await connection.recv()
    except Exception as failure: return type(failure).__name__
async def all(): return [await visit(origin) for origin in (None, "http://localhost:%d" % port, "https://evil.example")]
done(asyncio.run(all()))`);
  expect(answer).toEqual(["data", "data", expect.stringMatching(/^InvalidStatus/)]);
});

test("the account mode is the installation's own, and anything unreadable is demo", () => {
  room.file("checkout/backend/__init__.py", "");
  room.file(
    "checkout/backend/account_mode.py",
    "account_mode_state = {'mode': 'prod'}\ndef get_account_mode(): return 'prod'\ndef set_account_mode(mode): raise SystemExit('the tracked file')\n",
  );
  const script = `${done}
from backend.account_mode import get_account_mode, set_account_mode
first = get_account_mode()
set_account_mode("demo"); second = get_account_mode()
set_account_mode("prod")
try: set_account_mode("real"); third = "taken"
except ValueError: third = "refused"
done([first, second, get_account_mode(), third])
`;
  expect(room.run(script).answer).toEqual(["prod", "demo", "prod", "refused"]);
  const show = `${done}\nfrom backend.account_mode import get_account_mode\ndone(get_account_mode())`;
  for (const REC_ACCOUNT_MODE_FILE of [
    "/nowhere",
    undefined,
    room.file("broken.json", "{"),
    room.file("odd.json", '{"mode":"PROD"}'),
    room.file("list.json", "[]"),
  ]) {
    expect(room.run(show, { REC_ACCOUNT_MODE_FILE }).answer).toBe("demo");
  }
});

test("the checkout finds our supervisord", () => {
  const paths = "def get_supervisor_config_path(): return 'tracked'\ndef get_supervisorctl_path(): return 'other'\n";
  room.file("checkout/backend/util/__init__.py", "");
  room.file("checkout/backend/util/paths.py", paths);
  room.file("checkout/util/__init__.py", "");
  room.file("checkout/util/paths.py", paths);
  const { answer } = room.run(`${done}
from backend.util.paths import get_supervisor_config_path, get_supervisorctl_path
import util.paths
done([get_supervisor_config_path(), get_supervisorctl_path(), util.paths.get_supervisor_config_path()])`);
  expect(answer).toEqual(["/state/supervisord.conf", "/venv/bin/supervisorctl", "/state/supervisord.conf"]);
});

test("the shims mend what they are named for, and only where they are named", () => {
  const check = `${done}
import sys
sys.path.insert(0, ${JSON.stringify(hookFolder)})
import check
done(check.needed())`;
  const bare = room.run(check, { REC_SHIMS: "" }).answer as Record<string, string>;
  expect(room.run(check).answer).toEqual({
    "websockets-additional-headers": "not needed",
    "fastapi-lifespan": "not needed",
  });
  // On Debian 12 both are needed; on other versions the probe finds that by itself.
  expect(Object.values(bare).every((word) => ["needed", "not needed"].includes(word))).toBe(true);
  if (bare["fastapi-lifespan"] === "needed") {
    const one = room.run(check, { REC_SHIMS: "websockets-additional-headers" }).answer;
    expect(one).toEqual({ "websockets-additional-headers": "not needed", "fastapi-lifespan": "needed" });
  }
});

test("a sitecustomize that ours stands in front of still runs, and one that fails takes nothing down", () => {
  const other = room.file("other/sitecustomize.py", "import os\nos.environ['CHAINED'] = 'yes'\n");
  const folder = other.slice(0, -"/sitecustomize.py".length);
  const show = `${done}\nimport os, sys\ndone([os.environ.get("CHAINED"), "sitecustomize" in sys.modules and sys.modules["sitecustomize"].__file__])`;
  const chained = room.run(show, { PYTHONPATH: `${hookFolder}:${folder}` });
  expect(chained.answer).toEqual(["yes", `${hookFolder}/sitecustomize.py`]);
  expect(chained.stderr).toBe("");
  room.file("other/sitecustomize.py", "raise ValueError('broken')\n");
  const broken = room.run(show, { PYTHONPATH: `${hookFolder}:${folder}` });
  expect(broken.status).toBe(0);
  expect(broken.stderr).toContain("ValueError('broken')");
});

test("the hook leaves word in the program itself, and a child does not speak for it", () => {
  const { answer } = room.run(
    `${done}
import os, psycopg2, subprocess, sys
psycopg2.connect(dbname="rec_io_db").close()
subprocess.run([sys.executable, "-c", "import requests"], check=True)
done(os.getpid())`,
    { SUPERVISOR_PROCESS_NAME: "speaker" },
  );
  const word = JSON.parse(room.read("live/speaker.json")) as { pid: number; patched: string[]; databaseAt: number };
  expect(word.pid).toBe(answer);
  expect(word.patched).toContain("psycopg2");
  expect(word.patched).not.toContain("requests.sessions");
  expect(Math.abs(word.databaseAt - Date.now() / 1000)).toBeLessThan(60);
});

test("a hook that is incomplete ends the program instead of letting it run without", () => {
  const shipped = readFileSync(join(hookFolder, "sitecustomize.py"), "utf8");
  const half = dirname(room.file("half/sitecustomize.py", shipped));
  const ran = room.run("print('unlocked')", { PYTHONPATH: half });
  expect(ran.status).toBe(78);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toContain("does not start");
});
