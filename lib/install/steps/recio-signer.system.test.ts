import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { recioCheckout } from "../../checkout/recio-checkout.ts";
import type { Job } from "../../engine/step.ts";
import { testExchange } from "../../kalshi/test-exchange.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import type { World } from "../../world.ts";
import { writeCredentials } from "./write-credentials.ts";

const checkout = process.env.RECIO_CHECKOUT;
const python = "/usr/bin/python3";

/**
 * Takes functions out of a checkout's own source and calls them with its credentials folder led to ours: what is tested
 * is REC.IO's code as it is, without starting the programs that it stands in. Arguments: file, credentials folder, mode.
 */
const reader = `
import ast, asyncio, base64, json, os, sys, time, types
from pathlib import Path
from dotenv import dotenv_values
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.backends import default_backend

root, folder, mode = sys.argv[1:4]
for name, members in {
    "backend": {}, "backend.util": {},
    "backend.util.paths": {"get_kalshi_credentials_dir": lambda: folder},
    "backend.account_mode": {"get_account_mode": lambda: mode},
}.items():
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module

def taken(file, *names):
    tree = ast.parse(Path(root, file).read_text())
    wanted = [node for node in tree.body if getattr(node, "name", None) in names]
    assert len(wanted) == len(names), (file, names)
    for node in wanted:
        node.decorator_list = []
    scope = dict(globals(), get_account_mode=lambda: mode)
    exec(compile(ast.Module(wanted, []), file, "exec"), scope)
    return scope

path = "/trade-api/v2/portfolio/balance"
def headers(sign, key_id, key_path):
    timestamp = str(int(time.time() * 1000))
    return {
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": timestamp,
        "KALSHI-ACCESS-SIGNATURE": sign("GET", path, timestamp, str(key_path)),
    }

executor = taken("backend/trade_executor.py", "load_credentials", "get_current_credentials", "generate_kalshi_signature")
answer = {"executor": headers(executor["generate_kalshi_signature"], *executor["get_current_credentials"]())}
sync = "backend/api/kalshi-api/kalshi_account_sync_ws.py"
if Path(root, sync).exists():
    settings = dotenv_values(Path(folder) / mode / ".env")
    signer = taken(sync, "generate_kalshi_signature")["generate_kalshi_signature"]
    answer["accountSync"] = headers(signer, settings["KALSHI_API_KEY_ID"], Path(folder) / mode / settings["KALSHI_PRIVATE_KEY_PATH"])
page = taken("backend/main.py", "get_kalshi_email_endpoint")
answer["email"] = asyncio.run(page["get_kalshi_email_endpoint"]())["email"]
print(json.dumps(answer))
`;

test("what was written, REC.IO's own code reads and signs with, and the exchange accepts it", async () => {
  test.skip(!checkout, "RECIO_CHECKOUT names no checkout: REC.IO's own signer does not sign with what was written.");
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "recio-signer-"));
  const exchange = await testExchange("today");
  try {
    const paths = statePaths(join(folder, "state"));
    const machine = localMachine({ stateFolder: paths.state });
    const installed = { ...recioCheckout({ root: join(folder, "recio"), machine, paths }), python };
    const credentials = installed.credentials("demo");
    mkdirSync(paths.secrets, { recursive: true, mode: 0o700 });
    mkdirSync(join(credentials, ".."), { recursive: true });
    mkdirSync(join(exchange.checkoutFolder, "credentials"), { recursive: true });
    symlinkSync(credentials, join(exchange.checkoutFolder, "credentials/demo"));
    const world = { machine, paths, checkout: installed, kalshi: exchange.client({ environment: "demo" }) };
    const { keyId, pem } = exchange.keys.demo;
    const job = {
      signal: new AbortController().signal,
      secrets: { kalshiPrivateKey: pem },
      log: () => {},
      progress: () => {},
      spent: async () => {},
    };
    await writeCredentials({
      kalshi: { kind: "key", environment: "demo", keyId },
      person: { userId: "jane", fullName: "Jane Doe", email: "jane@example.org" },
    }).run(world as unknown as World, job as unknown as Job<never>);

    const words = ["-c", reader, checkout ?? "", join(credentials, ".."), "demo"];
    const said = JSON.parse(execFileSync(python, words, { encoding: "utf8" })) as {
      executor: Record<string, string>;
      accountSync?: Record<string, string>;
      email: string;
    };
    expect(said.email).toBe("jane@example.org DEMO");
    expect(said.executor["KALSHI-ACCESS-KEY"]).toBe(keyId);
    for (const headers of [said.executor, said.accountSync]) {
      if (!headers) continue;
      const answer = await fetch(`${exchange.urls.demo.rest}/portfolio/balance`, { headers });
      expect(answer.status).toBe(200);
    }
  } finally {
    await exchange.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
