import { join } from "node:path";
import type { Machine } from "../machine/machine.ts";
import { gitIn } from "./git/git.ts";

const dictionary = (name: string, script: string) =>
  `            {\n                "name": "${name}",\n                "script": "${script}",\n                "port": ports.get("${name}", 1)\n            }`;
const section = (name: string, script: string) =>
  `[program:${name}]\ncommand=/opt/x/venv/bin/python /opt/x/backend/${script}\ndirectory=/opt/x\n`;

const named: readonly (readonly [name: string, script: string])[] = [
  ["main_app", "main.py"],
  ["trade_manager", "trade_manager.py"],
  ["symbol_price_watchdog_btc", "symbol_price_watchdog.py BTC"],
  ["kalshi_account_sync", "api/kalshi-api/kalshi_account_sync_ws.py"],
  ["system_monitor", "system_monitor.py"],
];

/** The least tree that is REC.IO: five programs, named three times, of which two listen. */
export const testTree: Readonly<Record<string, string>> = {
  ".gitignore": "logs/\n__pycache__/\nbackend/data/users/\nbackend/data/live_data/\n*.pem\n.env\n",
  "requirements.txt": "# pinned\nrequests==2.32.4\nFlask==3.1.1  # web\n\npsycopg2-binary==2.9.10\n",
  "scripts/generate_unified_supervisor_config.py": `services = [\n${named.map(([name, script]) => dictionary(name, script)).join(",\n")}\n]\n`,
  "backend/supervisord.conf": `[supervisord]\nnodaemon=true\n\n${named.map(([name, script]) => section(name, script)).join("\n")}`,
  "backend/core/config/MASTER_PORT_MANIFEST.json": JSON.stringify({
    core_services: { main_app: { port: 3000 }, trade_manager: { port: 4000 } },
    watchdog_services: { kalshi_account_sync: { port: 8004 } },
  }),
  "backend/core/__init__.py": "",
  "backend/core/port_config.py": "import json\nimport os\n\n\ndef get_port(name):\n    return 3000\n",
  "backend/util/__init__.py": "",
  "backend/util/paths.py": "import os\nimport pytz\n",
  "backend/account_mode.py": "from backend.util.paths import os\n",
  "backend/data/account_mode_state.json": '{"mode": "prod"}',
  "backend/main.py":
    "import uvicorn\nfrom backend.core.port_config import get_port\n\n\ndef check(word):\n    try:\n        import bcrypt\n    except ImportError:\n        bcrypt = None\n\n\nif __name__ == '__main__':\n    uvicorn.run(None, host='0.0.0.0', port=get_port('main_app'))\n",
  "backend/trade_manager.py":
    "from flask import Flask\nfrom util.paths import os\n\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(host='0.0.0.0', port=4000)\n",
  "backend/symbol_price_watchdog.py":
    "import requests\nimport asyncio\n\n\ndef newest(cursor):\n    cursor.execute('SELECT price FROM live_data.live_price_log_1s_btc')\n",
  "backend/api/kalshi-api/kalshi_account_sync_ws.py":
    "import websockets\n# app.run(host='', port=8004) is only a remark\n",
  "backend/system_monitor.py": `import psutil\n\n\ndef check():\n    all_services = [\n        # Core "not_a_program"\n${named.map(([name]) => `        "${name}",`).join("\n")}\n    ]\n    return all_services\n`,
};

/** Writes the tree, less files that are named as undefined and with others changed; with `commit` also makes it a git tree. */
export async function writeTestTree(
  machine: Machine,
  root: string,
  { changes = {}, commit = true }: { changes?: Record<string, string | undefined>; commit?: boolean } = {},
): Promise<void> {
  for (const [path, content] of Object.entries({ ...testTree, ...changes })) {
    if (content === undefined) continue;
    await machine.files.makeFolder(join(root, path, ".."), 0o755);
    await machine.files.write(join(root, path), content, 0o644);
  }
  if (commit) await commitAll(machine, root, "Begin");
}

/** Makes a commit of everything that is not ignored; the first one makes the repository. */
export async function commitAll(machine: Machine, root: string, subject: string): Promise<void> {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
  for (const args of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "--all"],
    [...who, "commit", "--quiet", "-m", subject],
  ]) {
    const { code, stderr } = await gitIn(machine, root, args);
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  }
}
