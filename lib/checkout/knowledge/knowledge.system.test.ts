import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { judgeDrift, judgeKnowledge } from "../../health/probes/checkout/knowledge.ts";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { headOf } from "../git/git.ts";
import { recioCheckout } from "../recio-checkout.ts";
import { commitAll, testTree, writeTestTree } from "../test-tree.ts";
import { type Drift, driftBetween } from "./drift.ts";
import { installedKnowledge, rememberCheckout } from "./installed.ts";
import { knowledgeOf, requirementsOf } from "./knowledge.ts";
import { resolveCommit, withTreeOf } from "./other-commit.ts";

const python = "/usr/bin/python3";
let folder: string;
let root: string;
let machine: ReturnType<typeof localMachine>;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "knowledge-"));
  root = join(folder, "rec io");
  machine = localMachine({ stateFolder: join(folder, "state") });
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const known = () => knowledgeOf(machine, { root, python });
const says = (drift: readonly Drift[]) => drift.map((one) => `${one.kind}: ${one.says}`);

test("what the code has built in is found with its place, and no value of a credential is kept", async () => {
  await writeTestTree(machine, root, {
    changes: {
      "backend/system_monitor.py": `${testTree["backend/system_monitor.py"]}
"""See https://example.org/in-a-docstring."""
import os
HOST = os.getenv("REC_HOST", "localhost")
os.environ["REC_MODE"]
PASSWORD = os.environ.get("REC_PASSWORD", "hunter2-a")
connect(host="198.51.100.7", password="hunter2-b")
settings = {"api_key": "hunter2-c", "token": ""}
URL = f"https://exchange.example/{HOST}"
`,
      "backend/supervisord.conf": `${testTree["backend/supervisord.conf"]}environment=DB_HOST="203.0.113.9",DB_PASSWORD="hunter2-d"\n`,
    },
  });
  const knowledge = await known();
  expect(knowledge.environment.map(({ name }) => name)).toEqual(["REC_HOST", "REC_MODE", "REC_PASSWORD"]);
  expect(knowledge.hosts.map(({ name }) => name)).toEqual(["198.51.100.7", "203.0.113.9", "exchange.example"]);
  expect(knowledge.credentials.map(({ name }) => name).sort()).toEqual([
    "DB_PASSWORD",
    "REC_PASSWORD",
    "api_key",
    "password",
  ]);
  expect(JSON.stringify(knowledge)).not.toContain("hunter2");
  expect(knowledge.hosts[0]).toMatchObject({ file: "backend/system_monitor.py", line: expect.any(Number) });
  const finding = judgeKnowledge(knowledge);
  expect(finding).toMatchObject({
    level: "warn",
    says: expect.stringMatching(/3 foreign hosts .* in 4 places of 2 files/),
  });
  expect(finding.evidence?.cameBack).toContain("host 203.0.113.9: backend/supervisord.conf:");
});

test("a pull is told in words: what breaks, what heals, what is different", async () => {
  await writeTestTree(machine, root);
  const paths = statePaths(join(folder, "state"));
  await machine.files.makeFolder(paths.state, 0o700);
  const checkout = recioCheckout({ root, machine, paths });
  await rememberCheckout({ machine, checkout, paths });
  const before = await installedKnowledge({ machine, checkout, paths });
  if (!before?.commit) throw new Error("nothing was remembered");
  expect(before).toEqual({ ...(await known()), sources: expect.anything() });

  const script = "backend/api/kalshi-api/kalshi_account_sync_ws.py";
  await machine.files.remove(join(root, script));
  const write = (path: string, text: string) => machine.files.write(join(root, path), text, 0o644);
  await write("requirements.txt", "requests==2.33.0\nFlask==3.1.1\npsycopg2-binary==2.9.10\nnumpy>=2\n");
  await write(
    "backend/core/config/MASTER_PORT_MANIFEST.json",
    JSON.stringify({ core_services: { main_app: { port: 3001 }, trade_manager: { port: 4000 } } }),
  );
  await write("backend/trade_manager.py", "def broken(:\n");
  await write(
    "backend/main.py",
    `${testTree["backend/main.py"]}import os\nos.getenv("REC_NEW")\napp = uvicorn\n@app.get("/api/new")\ndef new(): return 1\n`,
  );
  await commitAll(machine, root, "Later");
  const after = await known();
  const drift = driftBetween(before, after, []);
  expect(says(drift)).toEqual([
    `breaks: kalshi_account_sync is still named, and its script ${script} is gone.`,
    expect.stringMatching(/^breaks: backend\/trade_manager\.py does not compile: SyntaxError/),
    "changes: trade_manager does not listen any more; it was on port 4000.",
    "changes: main_app listens on port 3001 instead of 3000.",
    "changes: requirements.txt asks for numpy >=2 besides.",
    "changes: requirements.txt asks for requests ==2.33.0 instead of ==2.32.4.",
    "changes: New are the routes GET main_app /api/new.",
    "changes: The programs now read the environment variables REC_NEW (backend/main.py:15).",
  ]);
  // The way back heals what the way there broke, and a route that is asked here is missed.
  const back = says(driftBetween(after, before, ["main_app /api/new"]));
  expect(back).toContain(`better: The script of kalshi_account_sync (${script}) is there again.`);
  expect(back).toContain("breaks: Gone is what the proofs here ask: GET main_app /api/new.");
  expect(driftBetween(after, after, [])).toEqual([]);

  const finding = judgeDrift({ moved: true, from: before.commit, to: after.commit ?? "", drift });
  expect(finding).toMatchObject({ level: "fail", says: expect.stringMatching(/kalshi_account_sync.*And 6 more\.$/) });
  expect(judgeDrift({ moved: false, commit: "0123456789" }).level).toBe("ok");
  expect(judgeDrift({ moved: true, from: "a", to: "b", drift: [] }).level).toBe("warn");
});

test("another commit is read from a folder of ours that goes again; the checkout stays as it is", async () => {
  await writeTestTree(machine, root);
  const first = (await headOf(machine, root)) ?? "";
  await machine.files.write(join(root, "backend/main.py"), "import later\n", 0o644);
  await commitAll(machine, root, "Later");
  const paths = statePaths(join(folder, "state"));
  let place = "";
  const text = await withTreeOf(
    { machine, paths, root },
    await resolveCommit(machine, root, "main~1"),
    async (tree) => {
      place = tree;
      return readFileSync(join(tree, "backend/main.py"), "utf8");
    },
  );
  expect(await resolveCommit(machine, root, "main~1")).toBe(first);
  expect(text).toBe(testTree["backend/main.py"]);
  expect(place.startsWith(paths.state)).toBe(true);
  expect(existsSync(join(paths.state, "other-commit"))).toBe(false);
  expect(readFileSync(join(root, "backend/main.py"), "utf8")).toBe("import later\n");
  await expect(resolveCommit(machine, root, "--all")).rejects.toMatchObject({ code: "checkout.commit-unknown" });
});

test("a requirements file is read by its packages", () => {
  expect(
    requirementsOf("# web\nFlask==3.1.1  # pinned\nuvicorn[standard]>=0.30\npsycopg2_binary\n-r other.txt\n\n"),
  ).toEqual({
    flask: "==3.1.1",
    uvicorn: ">=0.30",
    "psycopg2-binary": "",
  });
});
