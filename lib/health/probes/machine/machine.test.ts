import { expect, test } from "playwright/test";
import type { MachineFacts } from "../../../machine/machine.ts";
import { judgeClock, judgeDisk, judgeMemory, judgePython, judgeSystem, machineProbes } from "./machine.ts";
import { judgeFeeds } from "./machine-network.ts";
import { judgeSystemPackages, neededPackages } from "./machine-packages.ts";
import { judgePorts, strangers } from "./machine-ports.ts";
import { judgeSecond, otherRecioProcesses } from "./machine-second-recio.ts";

const debian: MachineFacts = {
  platform: "linux",
  system: "Debian GNU/Linux 12 (bookworm)",
  packageTool: "apt",
  root: false,
  user: "jane",
  cores: 2,
  memoryBytes: 4e9,
  memoryFreeBytes: 3e9,
};

test("A system is known, usable without packages, or refused", () => {
  expect(judgeSystem(debian)).toEqual({ level: "ok", says: "Debian GNU/Linux 12 (bookworm), with apt." });
  expect(judgeSystem({ ...debian, packageTool: "none" }).level).toBe("warn");
  expect(judgeSystem({ ...debian, platform: "win32" }).level).toBe("fail");
});

const roomy = { logsFreeBytes: 2.9e9 };

test("The disk needs 3 GB for the data until it is there, then only room to breathe", () => {
  expect(judgeDisk({ ...roomy, freeBytes: 2.9e9, filled: false, lookupRows: 8_840_181 }, "archive")).toMatchObject({
    level: "fail",
    says: "2.9 GB of disk are free, and 3.0 GB are needed.",
  });
  expect(judgeDisk({ ...roomy, freeBytes: 3.1e9, filled: false, lookupRows: 8_840_181 }, "archive").level).toBe("ok");
  expect(judgeDisk({ ...roomy, freeBytes: 2.9e9, filled: false, lookupRows: 8_840_181 }, "none").level).toBe("ok");
  expect(judgeDisk({ ...roomy, freeBytes: 0.7e9, filled: false, lookupRows: 362_645 }, "archive").level).toBe("warn");
  expect(judgeDisk({ ...roomy, freeBytes: 0.2e9, filled: false, lookupRows: 362_645 }, "archive")).toMatchObject({
    level: "fail",
    says: "200 MB of disk are free, and 602 MB are needed.",
  });
  expect(judgeDisk({ ...roomy, freeBytes: 0.5e9, filled: true, lookupRows: 8_840_181 }, "archive").level).toBe("warn");
  expect(judgeDisk({ ...roomy, freeBytes: 0.2e9, filled: true, lookupRows: 8_840_181 }, "archive").level).toBe("fail");
});

test("A disk of the logs that is full is named, however much room there is elsewhere", () => {
  const facts = { freeBytes: 5e9, filled: true, lookupRows: 8_840_181 };
  expect(judgeDisk({ ...facts, logsFreeBytes: 4_096 }, "archive")).toMatchObject({
    level: "fail",
    says: expect.stringContaining("The disk of the programs' logs is full"),
  });
  expect(judgeDisk({ ...facts, logsFreeBytes: 30e6 }, "archive").level).toBe("ok");
});

test("Memory of a 2 GB machine is enough, half of it is not", () => {
  expect(judgeMemory({ ...debian, memoryBytes: 1.95e9 }).level).toBe("ok");
  expect(judgeMemory({ ...debian, memoryBytes: 1e9 })).toMatchObject({
    level: "fail",
    says: "This machine has 1.0 GB of memory, and REC.IO needs 2 GB.",
  });
  expect(judgeMemory({ ...debian, memoryFreeBytes: 0.1e9 }).level).toBe("warn");
});

test("Python is judged by what the packages exist for", () => {
  const of = (minor: number) => ({
    interpreters: [{ path: "/usr/bin/python3", version: [3, minor, 1] as const }],
    packageTool: "apt" as const,
  });
  expect(judgePython(of(11), "system").level).toBe("ok");
  expect(judgePython(of(13), "system")).toMatchObject({
    level: "fail",
    says: "Python here is 3.13.1, and REC.IO needs Python 3.10 to 3.12.",
  });
  expect(judgePython(of(9), "pip").level).toBe("fail");
  expect(judgePython({ interpreters: [], packageTool: "apt" }, "pip").says).toBe(
    "No Python was found; REC.IO needs Python 3.10 to 3.12.",
  );
  expect(judgePython({ ...of(11), packageTool: "brew" }, "system")).toMatchObject({
    level: "fail",
    says: "Debian's Python packages exist only on systems with apt.",
  });
});

test("The clock is compared with the exchange's where it answered", () => {
  const now = 1_800_000_000_000;
  expect(judgeClock({ now, notBefore: now - 1000 })).toMatchObject({
    level: "ok",
    says: expect.stringContaining("no other clock"),
  });
  expect(judgeClock({ now, notBefore: now + 3_600_000 }).level).toBe("fail");
  expect(judgeClock({ now, notBefore: 0, exchangeTime: now + 1500 }).level).toBe("ok");
  expect(judgeClock({ now, notBefore: 0, exchangeTime: now - 10_000 })).toMatchObject({
    level: "warn",
    says: "The clock of this machine is 10 s ahead of Kalshi's.",
  });
  expect(judgeClock({ now, notBefore: 0, exchangeTime: now + 90_000 })).toMatchObject({
    level: "fail",
    says: "The clock of this machine is 90 s behind Kalshi's.",
  });
});

test("A feed that does not answer is named; when none does, the machine's network is meant", () => {
  const coinbase = { host: "c" };
  const kraken = { host: "k" };
  expect(judgeFeeds({ coinbase, kraken }).level).toBe("ok");
  expect(judgeFeeds({ coinbase, kraken: { ...kraken, trouble: "ENOTFOUND" } }).level).toBe("warn");
  expect(judgeFeeds({ coinbase: { ...coinbase, trouble: "ENOTFOUND" }, kraken }).level).toBe("fail");
  const both = judgeFeeds({
    coinbase: { ...coinbase, trouble: "ENOTFOUND" },
    kraken: { ...kraken, trouble: "ENOTFOUND" },
  });
  expect(both).toMatchObject({ level: "fail", label: "machine" });
});

test("A port is held by a stranger, by ourselves, or by somebody who cannot be seen", () => {
  const wanted = [
    { wantedBy: "main_app", port: 3000 },
    { wantedBy: "trade_manager", port: 4000 },
    { wantedBy: "the database", port: 15_432 },
  ];
  const listeners = [
    { port: 3000, address: "127.0.0.1", pid: 10, program: "node" },
    { port: 4000, address: "127.0.0.1", pid: 20, program: "python3" },
    { port: 15_432, address: "127.0.0.1" },
    { port: 9999, address: "0.0.0.0", pid: 30, program: "nc" },
  ];
  expect(judgePorts(strangers(wanted, listeners, (pid) => pid === 20))).toMatchObject({
    level: "fail",
    says: "Port 3000 of main_app is held by node (process 10); port 15432 of the database is held by a program of another user.",
    objects: ["3000", "15432"],
  });
  expect(judgePorts(strangers(wanted, [], () => false))).toMatchObject({
    level: "ok",
    says: "No stranger holds 3000, 4000, 15432.",
  });
  const remedyOf = (port: number) => {
    const finding = judgePorts(
      strangers(wanted, [{ port, address: "127.0.0.1", pid: 10, program: "nc" }], () => false),
    );
    return finding.level === "fail" ? finding.remedy.says : "";
  };
  expect(remedyOf(15_432)).toBe("End the program at the database's port, or choose another port for the database.");
  expect(remedyOf(3000)).toContain("REC.IO's own ports are fixed in its code");
  const twice = [
    { port: 4000, address: "127.0.0.1", pid: 20 },
    { port: 4000, address: "::1", pid: 99, program: "nc" },
  ];
  expect(judgePorts(strangers(wanted, twice, (pid) => pid === 20)).says).toBe(
    "Port 4000 of trade_manager is held by nc (process 99).",
  );
});

test("A REC.IO outside our root is found by absolute and by relative script, and never by main.py alone", () => {
  const scripts = ["backend/trade_manager.py", "backend/system_monitor.py"];
  const process = (pid: number, args: string[], folder?: string) => ({
    pid,
    args,
    command: args.join(" "),
    ...(folder === undefined ? {} : { folder }),
  });
  const found = otherRecioProcesses(
    [
      process(1, ["/opt/a/venv/bin/python", "/opt/a/backend/trade_manager.py"]),
      process(2, ["python3", "-u", "backend/system_monitor.py"], "/srv/b"),
      process(3, ["/state/python/bin/python", "/home/jane/rec io/backend/trade_manager.py"]),
      process(4, ["vim", "/opt/a/backend/trade_manager.py"]),
      process(5, ["python3", "/opt/shop/backend/main.py"]),
      process(6, ["python3", "trade_manager.py"], "/opt/c/backend"),
    ],
    scripts,
    ["/home/jane/rec io"],
  );
  expect(found).toEqual([
    { pid: 1, script: "backend/trade_manager.py", root: "/opt/a" },
    { pid: 2, script: "backend/system_monitor.py", root: "/srv/b" },
    { pid: 6, script: "backend/trade_manager.py", root: "/opt/c" },
  ]);
  expect(judgeSecond({ others: found, standIn: false })).toMatchObject({
    level: "fail",
    says: expect.stringContaining("backend/trade_manager.py (process 1)"),
  });
  expect(judgeSecond({ others: found, standIn: true }).level).toBe("warn");
  expect(judgeSecond({ others: [], standIn: false }).level).toBe("ok");
});

test("Missing packages are a button with consent and a command without", () => {
  const facts = { needed: ["git", "supervisor"], missing: ["supervisor"], command: "sudo apt-get install supervisor" };
  expect(judgeSystemPackages(facts, true)).toMatchObject({
    level: "fail",
    remedy: { kind: "step", stepId: "install-system-packages" },
  });
  expect(judgeSystemPackages(facts, false)).toMatchObject({
    level: "fail",
    remedy: { kind: "sentence", says: expect.stringContaining("sudo apt-get install supervisor") },
  });
  expect(judgeSystemPackages({ ...facts, missing: [] }, false).level).toBe("ok");
});

test("What is needed follows from what the checkout imports", () => {
  const asked = (packages: "system" | "pip", data: "archive" | "none") => ({
    python: { packages },
    data: { kind: data },
  });
  const least = ["bcrypt", "flask", "requests"];
  const needed = (answers: Parameters<typeof neededPackages>[1], imports: string[]) =>
    neededPackages("apt", answers, imports).map((name) => name.replace(/^python3-/, ""));
  const plain = asked("system", "none");
  expect(new Set(needed(plain, ["json", "os", "constructor"]))).toEqual(
    new Set(["git", "python3", "supervisor", ...least]),
  );
  expect(new Set(needed(plain, ["flask_cors", "psycopg2", "bcrypt"]))).toEqual(
    new Set(["git", "python3", "supervisor", ...least, "flask-cors", "psycopg2"]),
  );
  // Whose lookup is built from the archive needs what we build it with.
  expect(needed(asked("system", "archive"), [])).toEqual(expect.arrayContaining(["numpy", "scipy"]));
  expect(neededPackages("apt", asked("pip", "archive"), ["psycopg2"])).toEqual(["git", "python3-venv"]);
  expect(neededPackages("dnf", plain, ["psycopg2"])).toEqual([]);
});

test("The gate asks for ports only of a checkout that is there, and for packages only without consent", () => {
  const ids = (checkout: "path" | "clone", systemPackages: boolean) =>
    machineProbes({
      checkout:
        checkout === "path"
          ? { kind: "path", path: "/opt/recio" }
          : { kind: "clone", url: "https://example.org/x", into: "/opt/recio" },
      data: { kind: "archive" },
      python: { packages: "system" },
      consent: { systemPackages, goOnWithout: [] },
    }).map(({ id }) => id);
  const always = [
    "machine-system",
    "machine-disk",
    "machine-memory",
    "machine-python",
    "machine-clock",
    "programs-user-possible",
    "machine-network",
    "machine-second-recio",
  ];
  expect(ids("path", true)).toEqual([...always, "machine-ports"]);
  expect(ids("path", false)).toEqual([...always, "machine-ports", "machine-packages"]);
  expect(ids("clone", false)).toEqual(always);
});
