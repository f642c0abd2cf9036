import { join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { Problem, sentence } from "../../problem.ts";

/** A command of the set-up that must work, or the test ends: half a namespace would reach the real exchange. */
export async function must(
  machine: Machine,
  program: string,
  args: readonly string[],
  timeoutMs = 60_000,
): Promise<string> {
  const result = await machine.exec(program, args, { timeoutMs });
  if (result.code !== 0) {
    throw new Problem({
      code: "recio-test.namespace",
      says: `${program} ${args.join(" ")} failed while the test was set up.`,
      remedy: sentence("Run the test as root on Linux with util-linux and iproute2."),
      evidence: { asked: `${program} ${args.join(" ")}`, cameBack: result.stderr.slice(-500) },
    });
  }
  return result.stdout.trim();
}

/** The first process of a namespace inherits every orphan: a shell reaps them while it waits, Node would not. */
const reaper = '"$0" "$@"; exit $?';

/**
 * The command that runs a program in mount, network and process namespaces of its own. What is in there ends with it, so
 * nothing can be left behind.
 */
export function unshared(program: string, args: readonly string[]): [string, string[]] {
  return [
    "unshare",
    [
      "--mount",
      "--net",
      "--pid",
      "--fork",
      "--mount-proc",
      "--kill-child=KILL",
      "--",
      "/bin/sh",
      "-c",
      reaper,
      program,
      ...args,
    ],
  ];
}

/** Inside the namespaces: loopback is brought up, and no mount of ours reaches the machine outside. */
export async function prepareNamespace(machine: Machine): Promise<void> {
  await must(machine, "mount", ["--make-rprivate", "/"]);
  await must(machine, "ip", ["link", "set", "lo", "up"]);
}

/**
 * Inside the namespaces: the lists of users and everything else in /etc are a copy, so that a user that the installation
 * makes is in no list outside.
 * @param folder a folder of the run
 */
export async function ownUserLists(machine: Machine, folder: string): Promise<void> {
  const copy = join(folder, "etc");
  await must(machine, "cp", ["-a", "/etc", copy]);
  await must(machine, "mount", ["--bind", copy, "/etc"]);
}

/** The run's authority, once {@link leadNamesHome} has put it there: readable for every user. */
export const trustedFile = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Inside the namespaces: the exchange's and the feeds' names lead to loopback, and the run's own certificate authority is
 * the only one that anything here trusts, by file (requests, Node) and by hashed folder (OpenSSL's default).
 * @param folder a folder of the run, for the files that are mounted over the system's
 */
export async function leadNamesHome(
  machine: Machine,
  folder: string,
  hostsLines: readonly string[],
  caFile: string,
): Promise<void> {
  const hosts = join(folder, "hosts");
  await machine.files.write(hosts, ["127.0.0.1 localhost", "::1 localhost", ...hostsLines, ""].join("\n"), 0o644);
  await must(machine, "mount", ["--bind", hosts, "/etc/hosts"]);

  const trust = join(folder, "trust");
  await machine.files.makeFolder(trust, 0o755);
  await machine.files.copy(caFile, join(trust, "ca-certificates.crt"), 0o644);
  const hash = await must(machine, "openssl", ["x509", "-hash", "-noout", "-in", caFile]);
  await machine.files.copy(caFile, join(trust, `${hash}.0`), 0o644);
  await must(machine, "mount", ["--bind", trust, "/etc/ssl/certs"]);
}
