import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { isProblem } from "../../problem.ts";
import type { World } from "../../world.ts";
import { breakAndMend, type DrillGround } from "./drills.ts";
import type { DrillResult } from "./report.ts";

/** A file as it was, to be put back word for word with its mode and owner. */
async function kept({ machine }: World, path: string) {
  const [text, facts] = await Promise.all([machine.files.read(path), machine.files.facts(path)]);
  if (text === undefined || !facts) throw new Error(`${path} is not there`);
  const write = (content: string) => machine.files.write(path, content, facts.mode, { uid: facts.uid, gid: facts.gid });
  return { text, write, putBack: () => write(text) };
}

/** Starts a program that may not come up: that is what is tried. */
async function startAnew({ supervisor }: World, program: string): Promise<void> {
  await supervisor.stop(program);
  await supervisor.start(program).catch((thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
  });
}

/** What a person's machine and checkout do to an installation, each named with its cause and mended by its remedy. */
export async function runBadInput(ground: DrillGround): Promise<DrillResult[]> {
  const { world } = ground;
  const { checkout, machine, supervisor, postgres } = world;
  const script = async (program: string) => {
    const found = (await checkout.supervised()).find(({ name }) => name === program);
    return kept(world, checkout.at(found?.script ?? ""));
  };
  const restart = () => ground.repair("start-services");
  const results: DrillResult[] = [];

  const detector = (await supervisor.programs()).find(({ name }) => name === "cascading_failure_detector");
  results.push(
    await breakAndMend(ground, {
      name: "a program hangs without dying",
      names: "cascading_failure_detector is halted",
      breakIt: () => machine.signal(detector?.pid ?? 0, "SIGSTOP"),
      mend: restart,
      noticeWithinMs: 15_000,
    }),
  );

  const executor = await script("trade_executor");
  results.push(
    await breakAndMend(ground, {
      name: "a script with a SyntaxError",
      names: "trade_executor",
      async breakIt() {
        await executor.write(`${executor.text}\ndef broken(:\n`);
        await startAnew(world, "trade_executor");
      },
      async mend() {
        await executor.putBack();
        await restart();
      },
      noticeWithinMs: 15_000,
    }),
    await breakAndMend(ground, {
      name: "an import that is missing",
      names: "no_such_module_of_a_drill",
      async breakIt() {
        await executor.write(`import no_such_module_of_a_drill\n${executor.text}`);
        await startAnew(world, "trade_executor");
      },
      async mend() {
        await executor.putBack();
        await restart();
      },
      noticeWithinMs: 15_000,
    }),
  );

  const { port } = (await checkout.supervised()).find(({ name }) => name === "trade_executor") ?? {};
  // Whoever asks it gets no answer, and what was not hung up would keep it from closing.
  const callers = new Set<Socket>();
  const stranger = createServer((caller) => callers.add(caller));
  results.push(
    await breakAndMend(ground, {
      name: "a port held by another program",
      names: `Port ${port} of trade_executor is held by`,
      async breakIt() {
        await supervisor.stop("trade_executor");
        await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", () => resolve()));
      },
      async mend() {
        const closed = new Promise<void>((resolve) => stranger.close(() => resolve()));
        for (const caller of callers) caller.destroy();
        await closed;
        await restart();
      },
      noticeWithinMs: 20_000,
    }),
  );

  const pem = await kept(world, join(checkout.credentials("demo"), "kalshi.pem"));
  results.push(
    await breakAndMend(ground, {
      name: "a PEM that does not parse",
      names: "Kalshi",
      breakIt: () => pem.write("-----BEGIN RSA PRIVATE KEY-----\nplaceholder\n-----END RSA PRIVATE KEY-----\n"),
      async mend() {
        await pem.putBack();
        // What holds the key is older than its file now.
        await ground.repair("restart-key-programs");
      },
      noticeWithinMs: 40_000,
    }),
  );

  const watcher = await script("cascading_failure_detector");
  results.push(
    await breakAndMend(ground, {
      name: "a program that exits after 30 s",
      names: "exit status 3",
      async breakIt() {
        await watcher.write("import sys, time\ntime.sleep(30)\nsys.exit(3)\n");
        await startAnew(world, "cascading_failure_detector");
      },
      async mend() {
        await watcher.putBack();
        await startAnew(world, "cascading_failure_detector");
      },
      warns: true,
      noticeWithinMs: 60_000,
    }),
  );

  const { programLogs } = world.paths;
  const logs = await machine.files.facts(programLogs);
  results.push(
    await breakAndMend(ground, {
      name: "the disk of the logs is full",
      names: "The disk of the programs' logs is full",
      async breakIt() {
        const owners = `mode=0${((logs?.mode ?? 0) & 0o777).toString(8)},uid=${logs?.uid ?? 0},gid=${logs?.gid ?? 0}`;
        await machine.exec("mount", ["-t", "tmpfs", "-o", `size=2m,${owners}`, "tmpfs", programLogs]);
        await machine.exec("dd", ["if=/dev/zero", `of=${join(programLogs, "filler")}`, "bs=4k", "count=600"]);
        // supervisord keeps the files open that it had: a program that is started now meets the full disk.
        await startAnew(world, "trade_executor");
      },
      async mend() {
        const [executor] = (await supervisor.programs()).filter(({ name }) => name === "trade_executor");
        if (executor?.state !== "RUNNING") throw new Error(`trade_executor is ${executor?.state} on a full disk`);
        await machine.exec("umount", ["-l", programLogs]);
        await startAnew(world, "trade_executor");
        await restart();
      },
      noticeWithinMs: 15_000,
    }),
  );

  if (postgres.target.kind === "embedded")
    results.push(
      await breakAndMend(ground, {
        name: "the database stops and comes back",
        names: "127.0.0.1",
        breakIt: () => postgres.embedded.stop(),
        async mend() {
          await ground.repair("start-postgres");
          await restart();
        },
        noticeWithinMs: 15_000,
      }),
    );
  return results;
}
