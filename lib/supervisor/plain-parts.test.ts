import { join } from "node:path";
import { expect, test } from "playwright/test";
import { isLoopback } from "../health/probes/machine/listeners.ts";
import { newLines, silenceMs, sinceStart } from "../health/probes/services/services-logs.ts";
import { statePaths } from "../paths.ts";
import { targetOf } from "../postgres/target.ts";
import { readSettings } from "../settings.ts";
import { renderConfiguration } from "./configuration/configuration.ts";
import { commandWord, environmentPair, plainValue } from "./configuration/configuration-text.ts";
import { parseExits } from "./logs/exits.ts";
import { isCritical, isLasting, lastLines, maskSecrets } from "./logs/log-lines.ts";
import { startMark } from "./own-supervisor.ts";
import { daemonEnvironment, programEnvironment, trustOf } from "./program-environment.ts";
import { beforeStopSentences } from "./programs/open-trades.ts";
import { spanOfTime } from "./programs/span-of-time.ts";
import { inSafeOrder, safeOrder } from "./safe-order.ts";

test("a fault is over when it was silent for three times its own rhythm, and at the latest after twenty seconds", () => {
  expect(silenceMs({ notBefore: undefined, at: 60_000, count: 9 })).toBe(20_000);
  expect(silenceMs({ notBefore: 0, at: 10_000, count: 10 })).toBe(4_000);
  expect(silenceMs({ notBefore: 0, at: 15_000, count: 5 })).toBe(9_000);
  expect(silenceMs({ notBefore: 0, at: 60_000, count: 3 })).toBe(20_000);
});

test("the safe order ends with the monitor, and an unknown program comes before the two that watch", () => {
  const shuffled = [...safeOrder, "something_new"].sort().map((name) => ({ name }));
  expect(inSafeOrder(shuffled).map(({ name }) => name)).toEqual([
    ...safeOrder.slice(0, 10),
    "something_new",
    "cascading_failure_detector",
    "system_monitor",
  ]);
});

test("a value that supervisord's environment parser cannot carry is handed to env instead", () => {
  expect(environmentPair("A", "plain, with; signs = 50%")).toBe('A="plain, with; signs = 50%%"');
  expect(environmentPair("A", "it's")).toBe(`A="it's"`);
  expect(environmentPair("A", 'a "b" c')).toBe(`A='a "b" c'`);
  for (const value of [`both ' and "`, "ends with '", '"begins', "a ;comment", "a #comment"]) {
    expect(environmentPair("A", value), value).toBeUndefined();
  }
});

test("whom programs trust outlives the shell that named it, and nothing else of a shell reaches them", () => {
  const written = 'environment=PATH="/bin",SSL_CERT_FILE="/etc/company.pem",LANG="C.UTF-8"';
  expect(trustOf(written, {})).toEqual({ SSL_CERT_FILE: "/etc/company.pem" });
  expect(trustOf(written, { SSL_CERT_FILE: "/etc/newer.pem" })).toEqual({ SSL_CERT_FILE: "/etc/newer.pem" });
  expect(trustOf(undefined, { REQUESTS_CA_BUNDLE: "/etc/a.pem", PATH: "/home/me/bin" })).toEqual({
    REQUESTS_CA_BUNDLE: "/etc/a.pem",
  });
  expect(daemonEnvironment().PATH?.split(":")).not.toContain(join(process.cwd(), "node_modules/.bin"));
  const shell = { PATH: process.env.PATH, TZ: process.env.TZ, LANG: process.env.LANG };
  const facts = {
    paths: statePaths("/srv/state"),
    root: "/srv/rec_io",
    target: targetOf({ kind: "embedded", port: 15_432 }),
    shims: [],
    ports: [],
    supervisorctl: "/usr/bin/supervisorctl",
    exchange: readSettings({}).kalshi,
    trust: {},
  };
  try {
    const before = programEnvironment(facts);
    Object.assign(process.env, { PATH: `/somewhere:${shell.PATH}`, TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8" });
    expect(programEnvironment(facts)).toEqual(before);
  } finally {
    for (const [name, value] of Object.entries(shell)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

test("a word of a command is quoted as a shell would want it, and never opens a comment", () => {
  expect(commandWord("/usr/bin/python3")).toBe("/usr/bin/python3");
  expect(commandWord("100%")).toBe("100%%");
  expect(commandWord('a "b" \\c')).toBe('"a \\"b\\" \\\\c"');
  expect(commandWord("a ;b #c")).toBe('"a """;b """#c"'.replaceAll('"""', '""'));
  expect(commandWord("a ;b #c")).not.toMatch(/\s[;#]/);
});

test("a path that cannot be written into the configuration is refused with a sentence", () => {
  for (const path of ["/a ;b", "/a #b", "/a\nb", "/a "]) {
    expect(() => plainValue("The path of the checkout", path), path).toThrow("cannot be written");
  }
  expect(plainValue("x", `/a "b" c's, 50%;x`)).toBe(`/a "b" c's, 50%%;x`);
});

test("a state folder that is too deep for a unix socket is refused before anything is written", () => {
  const facts = { root: "/r", python: "/p", programs: [], environment: {}, asRoot: false };
  expect(() => renderConfiguration({ ...facts, paths: statePaths(`/${"x".repeat(100)}`) })).toThrow("too long");
  expect(renderConfiguration({ ...facts, paths: statePaths("/s") })).toContain("file=/s/supervisor/supervisor.sock");
});

test("the configuration opens no network port and starts nothing by itself", () => {
  const text = renderConfiguration({
    paths: statePaths("/s"),
    root: "/r",
    python: "/p",
    programs: [{ name: "system_monitor", script: "backend/system_monitor.py", args: [] }],
    environment: { A: "1" },
    asRoot: true,
  });
  expect(text).not.toContain("inet_http_server");
  expect(text).not.toContain("autostart=true");
  expect(text).toContain("command=/p /r/backend/system_monitor.py\n");
  expect(() =>
    renderConfiguration({
      paths: statePaths("/s"),
      root: "/r",
      python: "/p",
      programs: [{ name: "x]\n[program:y", script: "s", args: [] }],
      environment: {},
      asRoot: false,
    }),
  ).toThrow("cannot be supervised");
});

test("programs that ended by themselves are read from the log, and a stop or a surrender settles them", () => {
  const line = (second: number, text: string) => `2026-11-20 10:00:0${second},123 INFO ${text}`;
  const log = [
    line(1, "spawned: 'a' with pid 1"),
    line(2, "exited: a (terminated by SIGKILL; not expected)"),
    line(3, "exited: b (exit status 1; not expected)"),
    line(4, "gave up: b entered FATAL state, too many start retries too quickly"),
    line(5, "exited: c (exit status 0; expected)"),
    "half a li",
  ].join("\n");
  expect(parseExits(log, 0)).toEqual([
    { program: "a", at: new Date("2026-11-20T10:00:02.123").getTime(), how: "terminated by SIGKILL", settled: false },
    { program: "b", at: new Date("2026-11-20T10:00:03.123").getTime(), how: "exit status 1", settled: true },
    { program: "c", at: new Date("2026-11-20T10:00:05.123").getTime(), how: "exit status 0", settled: false },
  ]);
  expect(parseExits(log, new Date("2026-11-20T10:00:05").getTime())).toHaveLength(1);
});

test("no signature, key id, password or key leaves a log line", () => {
  const lines = [
    '"KALSHI-ACCESS-SIGNATURE": "c2VjcmV0+/=",',
    '"KALSHI-ACCESS-KEY": "a952bcbe-ec3b"',
    "password=hunter2, next",
    "postgresql://rec_io_user:hunter2@127.0.0.1/rec_io_db",
    "-----BEGIN RSA PRIVATE KEY----- MIIE",
  ];
  const masked = lines.map(maskSecrets).join("\n");
  for (const secret of ["c2VjcmV0", "a952bcbe", "hunter2", "MIIE"]) expect(masked).not.toContain(secret);
  expect(masked).toContain("next");
  expect(lastLines("a\nb\n\n", 1)).toEqual(["b"]);
  expect(lastLines("", 3)).toEqual([]);
});

test("a broken schema is critical, an unreachable feed and the known harmless lines are not", () => {
  expect(isCritical('psycopg2.errors.UndefinedTable: relation "analytics.x" does not exist')).toBe(true);
  expect(isCritical("ModuleNotFoundError: No module named 'x'")).toBe(true);
  expect(isCritical("KeyError: 'x'")).toBe(true);
  expect(isLasting("KeyError: 'x'")).toBe(false);
  expect(isLasting('psycopg2.errors.UndefinedTable: relation "analytics.x" does not exist')).toBe(true);
  expect(isLasting('constraint "market_kalshi_btc_event_market_unique" does not exist')).toBe(false);
  expect(isLasting("ModuleNotFoundError: No module named 'x'")).toBe(true);
  expect(isCritical("requests.exceptions.ConnectionError: HTTPSConnectionPool")).toBe(false);
  expect(isCritical("socket.gaierror: [Errno -3] Temporary failure")).toBe(false);
  expect(isCritical("WARNING: This is a development server. Do not use it in production.")).toBe(false);
  expect(isCritical('constraint "market_kalshi_btc_event_market_unique" already exists')).toBe(false);
});

test("only the lines since the last start count, and of those only the new ones", () => {
  expect(sinceStart(["old error", `${startMark} x ---`, "new"])).toEqual(["new"]);
  expect(newLines(["a", "b", "c", "d"], ["z", "a", "b"])).toEqual(["a", "b", "c", "d"]);
  expect(newLines(["b", "c", "d", "e"], ["a", "b", "c", "d"])).toEqual(["e"]);
  expect(newLines(["x"], [])).toEqual(["x"]);
});

test("loopback is loopback, and nothing else is", () => {
  expect(["127.0.0.1", "127.1.2.3", "::1"].every(isLoopback)).toBe(true);
  expect(["0.0.0.0", "::", "192.168.1.2", "10.127.0.1"].some(isLoopback)).toBe(false);
});

test("open trades are told before a stop, and none is told as nothing", () => {
  expect(beforeStopSentences([])).toEqual([]);
  expect(beforeStopSentences([{ ticker: "KXBTCD-1", side: "Y", contracts: 2, status: "active" }])).toEqual([
    "1 trade is open. While REC.IO is stopped, no stop-loss watches over it.",
    "KXBTCD-1 Y × 2 (active)",
  ]);
});

test("a span of time is read as a person says it", () => {
  expect([850, 12_000, 240_000, 3 * 3_600_000].map(spanOfTime)).toEqual(["850 ms", "12 s", "4 min", "3 h"]);
});
