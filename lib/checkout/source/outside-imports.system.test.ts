import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { statePaths } from "../../paths.ts";
import { makeCheckout } from "../../rehearsal/checkout/make-checkout.ts";
import { recioCheckout } from "../recio-checkout.ts";
import { importLines } from "./outside-imports.ts";

const needed = (source: string) =>
  importLines(source)
    .filter(({ guarded }) => !guarded)
    .map(({ module }) => module);

test("Imports are read line by line, and what the code can do without is told apart", () => {
  expect(needed("import os, numpy as np; import json\nfrom a.b import (c,\n  d as e)\n")).toEqual([
    "os",
    "numpy",
    "json",
    "a.b",
  ]);
  expect(importLines("from a.b import (c,\n  d as e)\n")[0]?.names).toEqual(["c", "d"]);
  expect(needed('"""\nimport nothing\n"""\n# import nothing\nx = "import nothing"\nimport real\n')).toEqual(["real"]);
  expect(needed("try:\n    import maybe\nexcept ImportError:\n    maybe = None\nimport surely\n")).toEqual(["surely"]);
  expect(needed("try:\n    import maybe\nexcept Exception:\n    pass\n")).toEqual([]);
  // Around a whole function a broad handler says nothing about its imports.
  expect(needed("def f():\n    try:\n        import surely\n    except Exception:\n        pass\n")).toEqual([
    "surely",
  ]);
  expect(
    needed("def f():\n    try:\n        import maybe\n    except (ValueError, ImportError):\n        pass\n"),
  ).toEqual([]);
  expect(needed("try:\n    def f():\n        import surely\nexcept ImportError:\n    pass\n")).toEqual(["surely"]);
});

test("The stand-in needs psycopg2 alone, and its text says the same as its syntax tree", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rec-imports-"));
  try {
    const machine = localMachine({ stateFolder: folder });
    const root = join(folder, "checkout");
    await makeCheckout(machine, root);
    const checkout = recioCheckout({ root, machine, paths: statePaths(join(folder, "state")) });
    const { imports } = await checkout.sources();
    const fromTree = imports.filter(({ guarded }) => !guarded).map(({ module }) => module.split(".")[0]);
    expect([...new Set(fromTree)]).toEqual(["psycopg2"]);
    const known = ["aiohttp", "bcrypt", "flask", "numpy", "psycopg2", "requests", "werkzeug"];
    expect((await checkout.imports()).filter((name) => known.includes(name))).toEqual(["psycopg2"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
