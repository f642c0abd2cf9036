import { existsSync } from "node:fs";
import { expect, test } from "playwright/test";
import { doorTests, only } from "./test-doors.ts";

const on = doorTests(23000);

test("an unknown option, command or word is one sentence and exit 2", async () => {
  const wrong = [
    ["doctor", "--colour"],
    ["recio", "dance"],
    ["plan"],
    ["nonsense"],
    ["start", "--port", "seventy"],
    ["stop", "now"],
  ];
  for (const args of wrong) {
    const end = await on.bench.door(...args);
    expect(end.code, args.join(" ")).toBe(2);
    expect(end.stdout).toBe("");
    expect(end.stderr.trim().split("\n")).toHaveLength(2);
    expect(only((await on.bench.door(...args, "--json")).stdout)).toEqual({
      problem: expect.objectContaining({ code: "cli.not-understood" }),
    });
  }
  expect(existsSync(on.bench.state)).toBe(false);
});

test("an option's value may begin with dashes", async () => {
  const file = on.writeAnswers();
  const end = await on.bench.begin("plan", "--answers", file, "--json").ended;
  expect(end.code).toBe(0);
  expect(only((await on.bench.door("plan", "--answers", "--no-open", "--json")).stdout)).toEqual({
    problem: expect.objectContaining({ code: "file.not-readable", says: "The answers file --no-open is not there." }),
  });
});

test("doctor, stop and uninstall leave an empty state as empty as it was", async () => {
  const doctor = await on.bench.door("doctor", "--json");
  expect(doctor.code).toBe(1);
  expect(only(doctor.stdout)).toMatchObject({ installed: false, tradable: false, status: "down", probes: [] });
  expect(await on.bench.door("stop")).toMatchObject({ code: 0, stdout: "No page was on.\n" });
  expect(only((await on.bench.door("uninstall", "--yes", "--json")).stdout)).toEqual({ takenBack: [], left: [] });
  expect(existsSync(on.bench.state)).toBe(false);
});

test("the doors to REC.IO work alike through a running server and without one", async () => {
  for (const served of [false, true]) {
    if (served) await on.bench.door("start", "--port", String(on.port));
    expect(only((await on.bench.door("recio", "status", "--json")).stdout)).toMatchObject({
      programs: [{ name: "trade_manager", state: "RUNNING" }],
    });
    expect((await on.bench.door("recio", "start")).code).toBe(0);
    const stop = await on.bench.door("recio", "stop", "--json");
    expect(only(stop.stdout)).toMatchObject({
      before: ["KXBTCD-1 is open.", "Until REC.IO runs again it has no stop."],
      programs: [{ name: "trade_manager", state: "STOPPED" }],
    });
    expect(stop.code).toBe(0);
    // What cannot be told holds up nothing that was asked for.
    if (served)
      expect(only((await on.bench.door("recio", "stop", "--json")).stdout)).toMatchObject({
        before: ["Whether trades are open is not known: The database does not answer."],
      });
    expect((await on.bench.door("recio", "start")).code).toBe(0);
    const restart = await on.bench.door("recio", "restart");
    expect(restart.stdout).toMatch(/^KXBTCD-1 is open\.\nUntil REC\.IO runs again it has no stop\.\nRUNNING/);
    expect((await on.bench.door("recio", "start", "no_such_program")).stderr).toContain(
      "There is no program no_such_program.",
    );
    expect(await on.bench.door("recio", "logs", "trade_manager", "--lines", "7", "--errors")).toMatchObject({
      stdout: "trade_manager err 7\n",
    });
    expect((await on.bench.door("connection")).stdout).toBe("postgresql://rec_io_user@127.0.0.1:15432/rec_io_db\n");
    expect(only((await on.bench.door("trading", "lock", "--json")).stdout)).toMatchObject({ mode: "none" });
    expect((await on.bench.door("trading", "release")).code).toBe(2);
    expect((await on.bench.door("trading", "release", "--confirm", "yes")).code).toBe(1);
    expect(
      only((await on.bench.door("trading", "release", "--mode", "all", "--confirm", "release", "--json")).stdout),
    ).toMatchObject({ mode: "all" });
  }
});
