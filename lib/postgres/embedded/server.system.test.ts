import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { type StatePaths, statePaths } from "../../paths.ts";
import { isProblem } from "../../problem.ts";
import { postgres } from "../pool.ts";
import type { Postgres } from "../postgres.ts";
import { adminPasswordFile, socketFolder, targetOf } from "../target.ts";
import { freePort } from "../test-server.ts";

interface Place {
  paths: StatePaths;
  at(port: number): Postgres;
}

const open: { place: Place; servers: Postgres[] }[] = [];

function somewhere(name = "state"): Place {
  const root = mkdtempSync(join(tmpdir(), "rec-embedded-"));
  const state = join(root, name);
  mkdirSync(state, { mode: 0o700, recursive: true });
  const paths = statePaths(state);
  const servers: Postgres[] = [];
  const place: Place = {
    paths,
    at(port) {
      const made = postgres({
        target: targetOf({ kind: "embedded", port }),
        paths,
        machine: localMachine({ stateFolder: state }),
      });
      servers.push(made);
      return made;
    },
  };
  open.push({ place, servers });
  return place;
}

test.afterEach(async () => {
  for (const { place, servers } of open.splice(0)) {
    await servers.at(-1)?.embedded.stop();
    for (const server of servers) await server.close();
    const { folder, short } = socketFolder(place.paths, 15_432);
    if (short) rmSync(folder, { recursive: true, force: true });
    rmSync(dirname(place.paths.state), { recursive: true, force: true });
  }
});

const quiet = () => {};

async function problemCode(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isProblem(thrown)) throw new Error(`no Problem came: ${String(thrown)}`);
  return thrown.code;
}

test("the embedded server is made, answers its superuser on the socket alone, and stops", async () => {
  const { paths, at } = somewhere();
  const port = await freePort();
  const server = at(port);
  expect(await server.embedded.status()).toEqual({ state: "absent" });
  await server.embedded.initialise(quiet);
  expect(await server.embedded.status()).toEqual({ state: "stopped", version: "18" });
  const before = Date.now();
  await server.embedded.start(quiet);
  console.log(`start took ${Date.now() - before} ms`);
  const status = await server.embedded.status();
  expect(status).toMatchObject({ state: "running", version: "18" });

  const [row] = await server.query<Record<string, string>>(
    "admin",
    "SELECT current_user AS who, current_setting('data_checksums') AS checksums, current_setting('server_encoding') AS encoding, current_setting('password_encryption') AS hash, current_setting('listen_addresses') AS listens",
    [],
    { database: "postgres" },
  );
  expect(row).toEqual({
    who: "postgres",
    checksums: "on",
    encoding: "UTF8",
    hash: "scram-sha-256",
    listens: "127.0.0.1",
  });

  const overTcp = postgres({
    target: { ...targetOf({ kind: "embedded", port }), kind: "server" },
    paths,
    machine: localMachine({ stateFolder: paths.state }),
    secrets: () => ({ databaseAdminPassword: readFileSync(adminPasswordFile(paths), "utf8") }),
  });
  expect(await problemCode(overTcp.query("admin", "SELECT 1", [], { database: "postgres" }))).toBe(
    "database.host-not-admitted",
  );
  await overTcp.close();

  expect(statSync(paths.postgresData).mode & 0o777).toBe(0o700);
  expect(statSync(paths.postgresSocket).mode & 0o777).toBe(0o700);
  expect(statSync(adminPasswordFile(paths)).mode & 0o777).toBe(0o600);
  const command = readFileSync(`/proc/${status.pid}/cmdline`, "utf8");
  expect(command).not.toContain(readFileSync(adminPasswordFile(paths), "utf8"));

  await server.embedded.stop();
  expect(await server.embedded.status()).toEqual({ state: "stopped", version: "18" });
  expect(await problemCode(server.query("admin", "SELECT 1", [], { database: "postgres" }))).toBe(
    "database.refused-connection",
  );
  await server.embedded.stop();
});

test("starting twice is once, and a killed server comes back with what it had", async () => {
  const { at } = somewhere();
  const server = at(await freePort());
  await server.embedded.initialise(quiet);
  await server.embedded.start(quiet);
  const first = (await server.embedded.status()).pid;
  await server.embedded.start(quiet);
  expect((await server.embedded.status()).pid).toBe(first);
  await server.query("admin", "CREATE TABLE kept AS SELECT 7 AS n", [], { database: "postgres" });
  process.kill(first ?? 0, "SIGKILL");
  await expect.poll(async () => (await server.embedded.status()).state).toBe("stopped");
  await server.embedded.start(quiet);
  expect(await server.query("admin", "SELECT n FROM kept", [], { database: "postgres" })).toEqual([{ n: 7 }]);
});

test("a postmaster.pid whose process id belongs to another program does not keep the server from starting", async () => {
  const { paths, at } = somewhere();
  const server = at(await freePort());
  await server.embedded.initialise(quiet);
  writeFileSync(
    join(paths.postgresData, "postmaster.pid"),
    `${process.pid}\n${paths.postgresData}\n1\n5432\n\n127.0.0.1\n0 0\nready   \n`,
  );
  expect((await server.embedded.status()).state).toBe("stopped");
  const lines: string[] = [];
  await server.embedded.start((line) => lines.push(line));
  expect(lines.join()).toContain("another program");
  expect((await server.embedded.status()).state).toBe("running");
});

test("a taken port names its holder, and nothing is started", async () => {
  const { at } = somewhere();
  const port = await freePort();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
  try {
    const server = at(port);
    await server.embedded.initialise(quiet);
    const thrown = await server.embedded.start(quiet).catch((error: unknown) => error);
    if (!isProblem(thrown)) throw thrown;
    expect(thrown.code).toBe("database.port-taken");
    expect(thrown.says).toContain(`Port ${port} is taken by`);
    expect(thrown.says).toContain(String(process.pid));
    expect((await server.embedded.status()).state).toBe("stopped");
  } finally {
    holder.close();
  }
});

test("another port in the answers moves the server", async () => {
  const { at } = somewhere();
  const [one, two] = [at(await freePort()), at(await freePort())];
  await one.embedded.initialise(quiet);
  await one.embedded.start(quiet);
  await two.embedded.start(quiet);
  expect(await two.query("admin", "SELECT 1 AS n", [], { database: "postgres" })).toEqual([{ n: 1 }]);
  expect(await problemCode(one.query("admin", "SELECT 1", [], { database: "postgres" }))).toBe(
    "database.refused-connection",
  );
});

test("a state folder with a long path and odd letters gets its socket in a short folder", async () => {
  const { paths, at } = somewhere(`a 'quoted' "path" with $ and é ${"x".repeat(70)}`);
  const server = at(await freePort());
  await server.embedded.initialise(quiet);
  const lines: string[] = [];
  await server.embedded.start((line) => lines.push(line));
  expect(lines.join()).toContain("too long for a socket");
  const { folder } = socketFolder(paths, 15_432);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(await server.query("admin", "SELECT 1 AS n", [], { database: "postgres" })).toEqual([{ n: 1 }]);
  await server.embedded.stop();
  expect(existsSync(join(paths.postgresData, "postmaster.pid"))).toBe(false);
});

test("an initdb that was cut off is begun again", async () => {
  const { paths, at } = somewhere();
  mkdirSync(join(`${paths.postgresData}.new`, "base"), { recursive: true });
  writeFileSync(join(`${paths.postgresData}.new`, "PG_VERSION"), "18\n");
  const server = at(await freePort());
  expect(await server.embedded.status()).toEqual({ state: "absent" });
  await server.embedded.initialise(quiet);
  expect((await server.embedded.status()).state).toBe("stopped");
});

test("a cluster of another major version is named, not started", async () => {
  const { paths, at } = somewhere();
  const server = at(await freePort());
  await server.embedded.initialise(quiet);
  writeFileSync(join(paths.postgresData, "PG_VERSION"), "17\n");
  expect(await problemCode(server.embedded.start(quiet))).toBe("database.other-version");
  writeFileSync(join(paths.postgresData, "PG_VERSION"), "18\n");
});

test("a server that is not ours is neither started nor stopped", async () => {
  const { paths } = somewhere();
  const target = { ...targetOf({ kind: "embedded", port: 1 }), kind: "server" as const };
  const server = postgres({ target, paths, machine: localMachine({ stateFolder: paths.state }) });
  expect(await problemCode(server.embedded.start(quiet))).toBe("database.not-ours-to-run");
  expect(await problemCode(server.embedded.stop())).toBe("database.not-ours-to-run");
});

const project = join(import.meta.dirname, "../../..");

/**
 * What a process of its own sees that makes (where there is none), starts, asks and stops the server: started by
 * `command`, which may show it the project elsewhere.
 */
function answerInside(paths: StatePaths, port: number, command: readonly string[], shownAt = project): unknown {
  const bundle = join(paths.state, "inside.mjs");
  const script = `
    import { postgres } from ${JSON.stringify(join(import.meta.dirname, "../pool.ts"))};
    import { targetOf } from ${JSON.stringify(join(import.meta.dirname, "../target.ts"))};
    import { statePaths } from ${JSON.stringify(join(import.meta.dirname, "../../paths.ts"))};
    import { localMachine } from ${JSON.stringify(join(import.meta.dirname, "../../machine/local-machine.ts"))};
    const [state, port] = process.argv.slice(2);
    const server = postgres({ target: targetOf({ kind: "embedded", port: Number(port) }), paths: statePaths(state), machine: localMachine({ stateFolder: state }) });
    await server.embedded.initialise(() => {});
    await server.embedded.start(() => {});
    const [row] = await server.query("admin", "SELECT 41 + 1 AS n", [], { database: "postgres" });
    const { state: running } = await server.embedded.status();
    await server.embedded.stop();
    const { state: stopped } = await server.embedded.status();
    console.log(JSON.stringify([row.n, running, stopped]));
    await server.close();
  `;
  execFileSync(
    join(project, "node_modules/.bin/esbuild"),
    [
      "--bundle",
      "--platform=node",
      "--format=esm",
      "--packages=external",
      `--outfile=${bundle}`,
      "--loader=ts",
      "--log-level=error",
    ],
    { input: script, cwd: project },
  );
  // The bundle finds our package.json and node_modules above itself, as a built one does.
  const name = join(".build", `inside-${process.pid}.mjs`);
  const inside = join(project, name);
  mkdirSync(join(project, ".build"), { recursive: true });
  writeFileSync(inside, readFileSync(bundle));
  try {
    const [program = "", ...args] = [...command, process.execPath, join(shownAt, name), paths.state, String(port)];
    return JSON.parse(execFileSync(program, args, { encoding: "utf8", timeout: 60_000 }));
  } finally {
    rmSync(inside, { force: true });
  }
}

test("root's server runs inside private mount, network and process namespaces, and stops there", async () => {
  test.skip(process.getuid?.() !== 0, "only root makes such namespaces");
  const { paths, at } = somewhere();
  const port = await freePort();
  await at(port).embedded.initialise(quiet);
  const namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc"];
  const withLoopback = ["sh", "-c", 'ip link set lo up && exec "$0" "$@"'];
  expect(answerInside(paths, port, [...namespaces, ...withLoopback])).toEqual([42, "running", "stopped"]);
});

test("in a chroot, where root has no user namespace, a user without rights owns the cluster, and later still", async () => {
  test.skip(process.getuid?.() !== 0, "only root has to be somebody else");
  const { paths, at } = somewhere();
  const port = await freePort();
  const root = join(dirname(paths.state), "root");
  mkdirSync(root);
  // The project is below a folder that is root's alone, as a clone in root's home is.
  const home = join(dirname(paths.state), "home");
  mkdirSync(join(home, "project"), { recursive: true, mode: 0o700 });
  const changed = ["unshare", "--mount", "--propagation=private", "sh", "-c"];
  const script =
    'root=$0 from=$1 to=$2; shift 2; mount --bind "$from" "$to"; mount --rbind / "$root"; exec chroot "$root" "$@"';
  const command = [...changed, script, root, project, join(home, "project")];
  expect(answerInside(paths, port, command, join(home, "project"))).toEqual([42, "running", "stopped"]);
  expect(statSync(paths.postgresData).uid).not.toBe(0);
  expect(statSync(paths.postgresData).mode & 0o777).toBe(0o700);
  expect(statSync(paths.state).mode & 0o777).toBe(0o700);
  // Out of the chroot the namespace would be to be had, and the files decide: they are not root's.
  const server = at(port);
  await server.embedded.start(quiet);
  expect(await server.query("admin", "SELECT 1 AS n", [], { database: "postgres" })).toEqual([{ n: 1 }]);
});
