import { expect, test } from "playwright/test";
import { cloneProblem, withoutUser } from "../../checkout/git/clone.ts";
import { parseStatus } from "../../checkout/git/git.ts";
import { isWrittenByRecio } from "../../checkout/profile.ts";
import { neededModules } from "../../health/probes/checkout/python.ts";
import { pipProblem, requirementNames } from "./create-python-environment.ts";

test("pip's own words become one sentence each", () => {
  for (const [said, code] of [
    [
      "WARNING: Retrying ... NewConnectionError('<pip...>: Failed to establish a new connection: [Errno -2] Name or service not known')\nERROR: No matching distribution found for aiohttp",
      "python.index-unreachable",
    ],
    ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "python.no-space"],
    ["ERROR: No matching distribution found for numpy==2.2.6", "python.package-unavailable"],
    ["error: subprocess-exited-with-error", "python.packages-not-installed"],
  ] as const) {
    expect(pipProblem(said)).toMatchObject({ code, remedy: { says: expect.any(String) } });
  }
});

test("Requirements are counted without comments, options and empty lines", () => {
  expect(
    requirementNames(
      "# pinned\nrequests==2.32.4\n\n--hash=x\n-e .\nFlask==3.1.1  # web\n  numpy>=2 ; python_version > '3'\n",
    ),
  ).toEqual(["requests", "Flask", "numpy"]);
});

test("A module that one program needs and another can do without is needed, and bcrypt always is", () => {
  const entry = (guarded: boolean, names: string[]) => ({
    module: "psutil",
    names,
    where: [`x${guarded}.py:1`],
    guarded,
  });
  const modules = neededModules([entry(true, ["a"]), entry(false, ["b"])]);
  expect(modules.map(({ module, guarded, names }) => [module, guarded, names])).toEqual([
    ["bcrypt", false, ["checkpw", "hashpw"]],
    ["psutil", false, ["a", "b"]],
  ]);
});

test("git's own words become one sentence each, without what stands before an @", () => {
  const url = "https://jane:secret@example.org/rec_io.git";
  for (const [said, code] of [
    [
      "fatal: unable to access 'https://jane:secret@example.org/': Could not resolve host: example.org",
      "checkout.clone-unreachable",
    ],
    [
      "remote: Repository not found.\nfatal: repository 'https://example.org/rec_io.git/' not found",
      "checkout.no-such-repository",
    ],
    ["fatal: could not read Username for 'https://example.org': terminal prompts disabled", "checkout.clone-refused"],
    ["git@example.org: Permission denied (publickey).", "checkout.clone-refused"],
    ["fatal: write error: No space left on device", "checkout.no-space"],
    ["fatal: the moon is full", "checkout.not-cloned"],
  ] as const) {
    const problem = cloneProblem(said, url);
    expect(problem.code).toBe(code);
    expect(JSON.stringify(problem)).not.toContain("secret");
  }
  expect(withoutUser("see https://a:b@c/d and ssh://git@e/f")).toBe("see https://c/d and ssh://e/f");
});

test("The status of a renamed file is one line", () => {
  expect(parseStatus("R  new name\0old name\0 M a\0?? b\0")).toEqual(["R  new name", " M a", "?? b"]);
});

test("What REC.IO writes by itself is told from what a person keeps", () => {
  for (const path of [
    "logs/main_app.out.log",
    "logs/main_app.err.log.3",
    "backend/data/users/user_0001/device_tokens.json",
    "backend/core/__pycache__/x.cpython-311.pyc",
    "backend/data/live_data/price_history/btc/btc_logger_heartbeat_postgresql.txt",
  ])
    expect(isWrittenByRecio(path), path).toBe(true);
  for (const path of [
    "logs/notes.txt",
    "backend/data/users/user_0001/trade_history/mine.csv",
    "my.pem",
    "backend/data/users/user_0001/user_info.json",
    "x/logs/a.log",
  ])
    expect(isWrittenByRecio(path), path).toBe(false);
});
