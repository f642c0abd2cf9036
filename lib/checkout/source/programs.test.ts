import { expect, test } from "playwright/test";
import { testTree } from "../test-tree.ts";
import { listens, parseManifest } from "./ports.ts";
import { inSafeOrder, programsOfGenerator, programsOfMonitor, programsOfSupervisorText, union } from "./programs.ts";
import { expandHome } from "./recognise.ts";

test("The generator's dictionaries become programs with their arguments", () => {
  const text = `{ "name": "strike_table_generator",\n "script": "strike_table_generator.py continuous 1", "port": 1 },{'name': 'main_app', 'script': 'main.py'}`;
  expect(programsOfGenerator(text)).toEqual([
    { name: "strike_table_generator", script: "backend/strike_table_generator.py", args: ["continuous", "1"] },
    { name: "main_app", script: "backend/main.py", args: [] },
  ]);
});

test("An older generator that holds sections with shell variables is read as well", () => {
  const text =
    "cat > x << EOF\n[supervisord]\n\n[program:main_app]\ncommand=$PYTHON_PATH $PROJECT_ROOT/backend/main.py\n[program:w]\ncommand=python backend/api/w.py BTC\nEOF";
  expect(programsOfGenerator(text)).toEqual([
    { name: "main_app", script: "backend/main.py", args: [] },
    { name: "w", script: "backend/api/w.py", args: ["BTC"] },
  ]);
});

test("A section without a script of the checkout keeps its name", () => {
  expect(programsOfSupervisorText("[program:x]\ncommand=/bin/sleep 5\n")).toEqual([{ name: "x", args: [] }]);
});

test("The monitor's list is read without its remarks", () => {
  const names = programsOfMonitor(testTree["backend/system_monitor.py"] ?? "").map(({ name }) => name);
  expect(names).toEqual([
    "main_app",
    "trade_manager",
    "symbol_price_watchdog_btc",
    "kalshi_account_sync",
    "system_monitor",
  ]);
});

test("A program that only one file names is kept, with where it was named", () => {
  const found = union([
    { source: "generator", programs: [{ name: "a", script: "backend/a.py", args: ["1"] }] },
    {
      source: "supervisor file",
      programs: [
        { name: "a", script: "backend/other.py", args: [] },
        { name: "b", script: "backend/b.py", args: [] },
      ],
    },
    {
      source: "monitor",
      programs: [
        { name: "c", args: [] },
        { name: "b", args: [] },
      ],
    },
  ]);
  expect(found).toEqual([
    { name: "a", script: "backend/a.py", args: ["1"], namedIn: ["generator", "supervisor file"] },
    { name: "b", script: "backend/b.py", args: [], namedIn: ["supervisor file", "monitor"] },
    { name: "c", script: "backend/c.py", args: [], namedIn: ["monitor"] },
  ]);
});

test("The monitor is always last, and a program that nobody knows stands before the detector", () => {
  const names = ["system_monitor", "cascading_failure_detector", "unheard_of", "main_app", "trade_executor"];
  expect(inSafeOrder(names.map((name) => ({ name }))).map(({ name }) => name)).toEqual([
    "trade_executor",
    "main_app",
    "unheard_of",
    "cascading_failure_detector",
    "system_monitor",
  ]);
});

test("The manifest gives ports, and one that is no JSON is a problem that names it", () => {
  expect(parseManifest(testTree["backend/core/config/MASTER_PORT_MANIFEST.json"] ?? "")).toEqual({
    main_app: 3000,
    trade_manager: 4000,
    kalshi_account_sync: 8004,
  });
  for (const text of ["{", '{"core_services": {"a": {"port": "x"}}}', '{"core_services": {"a": {"port": 70000}}}']) {
    expect(() => parseManifest(text)).toThrow("The port manifest of the checkout cannot be read.");
  }
});

test("A script listens when it calls a server, not when it speaks of one", () => {
  expect(listens('    uvicorn.run(app, host="0.0.0.0", port=1)')).toBe(true);
  expect(listens("app.run(host=host)")).toBe(true);
  expect(listens("HTTPServer(('', 1), H).serve_forever()")).toBe(true);
  expect(listens("# app.run(host=host)\nsubprocess.run(x)\nmyapp.runner()")).toBe(false);
});

test("A path is cleaned and the home folder put in", () => {
  expect(expandHome("~/a//b/../recio/", "/home/jane")).toBe("/home/jane/a/recio");
  expect(expandHome("~", "/home/jane")).toBe("/home/jane");
  expect(expandHome("/opt/~/x", "/home/jane")).toBe("/opt/~/x");
});
