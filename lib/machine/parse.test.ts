import { expect, test } from "playwright/test";
import { parseMemInfo, parseOsRelease } from "./facts.ts";
import { localFiles } from "./files.ts";
import { parseLsof, parseProcNet } from "./listeners.ts";
import type { ExecOptions, ExecResult } from "./machine.ts";
import { parseDpkg, systemPackages } from "./packages.ts";
import { parsePs, parseStat } from "./processes.ts";

const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const tcpLine = (local: string, state: string, inode: string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;

test("Listening sockets are read from /proc/net/tcp, connections are not", () => {
  const text =
    heading +
    tcpLine("0100007F:0BB8", "0A", "71") +
    tcpLine("00000000:0FA0", "0A", "72") +
    tcpLine("0100007F:A000", "01", "73");
  expect(parseProcNet(text)).toEqual([
    { port: 3000, address: "127.0.0.1", inode: "71" },
    { port: 4000, address: "0.0.0.0", inode: "72" },
  ]);
});

test("IPv6 addresses are read in their short form and mapped ones as IPv4", () => {
  const of = (hex: string) => parseProcNet(tcpLine(`${hex}:1435`, "0A", "1"))[0]?.address;
  expect(of("00000000000000000000000000000000")).toBe("::");
  expect(of("00000000000000000000000001000000")).toBe("::1");
  expect(of("0000000000000000FFFF00000100007F")).toBe("127.0.0.1");
  expect(of("B80D01200000000000000000FF020000")).toBe("2001:db8::2ff");
});

test("lsof's fields become holders of ports", () => {
  expect(parseLsof("p41\ncpostgres\nf7\nn127.0.0.1:5432\nf8\nn[::1]:5432\np42\ncnode\nf9\nn*:3000\n")).toEqual([
    { port: 5432, address: "127.0.0.1", pid: 41, program: "postgres" },
    { port: 5432, address: "::1", pid: 41, program: "postgres" },
    { port: 3000, address: "0.0.0.0", pid: 42, program: "node" },
  ]);
});

test("A process whose name holds brackets and blanks keeps its state", () => {
  expect(parseStat("12 (a) b) Z 1 99 99 0")).toEqual({ state: "Z", group: 99 });
  expect(parseStat("")).toBeUndefined();
});

test("ps lines become processes", () => {
  expect(parsePs("   12 /usr/bin/python3 main.py\n")).toEqual([
    { pid: 12, command: "/usr/bin/python3 main.py", args: ["/usr/bin/python3", "main.py"] },
  ]);
});

test("The system's name and its memory are read", () => {
  expect(parseOsRelease('NAME="x"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
    "Debian GNU/Linux 12 (bookworm)",
  );
  expect(parseMemInfo("MemTotal:       16 kB\nMemAvailable:    8 kB\n", "MemAvailable")).toBe(8192);
});

test("A package that was removed but keeps its configuration is not installed", () => {
  expect(parseDpkg("ii \tpython3-venv\nrc \tsupervisor\nun \tnone\nhi \theld\n")).toEqual(["python3-venv", "held"]);
});

/** Answers each program by name and remembers what was asked. */
function recorder(answers: Record<string, Partial<ExecResult>>) {
  const asked: { line: string; env?: Record<string, string> }[] = [];
  const exec = async (program: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult> => {
    asked.push({ line: [program, ...args].join(" "), ...(options?.env ? { env: options.env } : {}) });
    const answer = {
      code: 0,
      signal: null,
      stdout: "",
      stderr: "",
      ...answers[args.includes("update") ? "update" : program],
    };
    for (const line of answer.stdout.split("\n").filter(Boolean)) options?.onLine?.(line, "stdout");
    return answer;
  };
  return { asked, exec };
}
const packagesOf = (exec: ReturnType<typeof recorder>["exec"], tool: "apt" | "dnf" | "brew", root: boolean) =>
  systemPackages({ exec, tool, root, files: localFiles("/nowhere"), folder: "/nowhere/unpacked" });
const job = () => {
  const lines: string[] = [];
  return { lines, log: (line: string) => lines.push(line), signal: new AbortController().signal };
};

test("apt is asked without questions, with its lists fetched once, and its lines are logged", async () => {
  const { asked, exec } = recorder({
    "apt-get": { stdout: "(Reading database ... 5%\n(Reading database ... \nSetting up supervisor\n" },
  });
  const packages = packagesOf(exec, "apt", true);
  const first = job();
  await packages.install(["supervisor"], first);
  await packages.install(["python3-venv"], job());
  expect(asked.map(({ line }) => line.replace(/-o \S+ /g, ""))).toEqual([
    "apt-get update",
    "apt-get install -y --no-install-recommends supervisor",
    "apt-get install -y --no-install-recommends python3-venv",
  ]);
  for (const { env } of asked) expect(env?.DEBIAN_FRONTEND).toBe("noninteractive");
  expect(new Set(first.lines)).toEqual(new Set(["Setting up supervisor"]));
});

test("Without root's rights nothing is run and the one command is named", async () => {
  const { asked, exec } = recorder({});
  const packages = packagesOf(exec, "apt", false);
  const refused = packages.install(["supervisor", "python3-venv"], job());
  await expect(refused).rejects.toMatchObject({
    code: "machine.needs-root",
    remedy: {
      says: expect.stringContaining(
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends supervisor python3-venv'",
      ),
    },
  });
  expect(asked).toEqual([]);
});

test("A failing install says what apt said", async () => {
  const { exec } = recorder({ "apt-get": { code: 100, stderr: "E: Unable to locate package supervisor\n" } });
  await expect(packagesOf(exec, "apt", true).install(["supervisor"], job())).rejects.toMatchObject({
    code: "machine.packages-not-installed",
    evidence: { cameBack: "E: Unable to locate package supervisor" },
  });
});

test("A name that is an option or a piece of shell is refused", () => {
  const packages = packagesOf(recorder({}).exec, "apt", true);
  for (const name of ["-oAPT::x", "a;b", "a b", ""])
    expect(() => packages.command([name])).toThrow("not the name of a package");
});

test("Fedora is asked with rpm and dnf, macOS with brew", async () => {
  const dnf = recorder({ rpm: { code: 1, stdout: "supervisor\npackage python3-venv is not installed\n" } });
  expect(await packagesOf(dnf.exec, "dnf", true).installed(["supervisor", "python3-venv"])).toEqual(["supervisor"]);
  const brew = recorder({ brew: { stdout: "supervisor\nopenssl@3\n" } });
  const packages = packagesOf(brew.exec, "brew", false);
  expect(await packages.installed(["openssl@3", "python@3.11"])).toEqual(["openssl@3"]);
  await packages.install(["python@3.11"], job());
  expect(brew.asked.at(-1)?.line).toBe("brew install python@3.11");
});
