import { expect, test } from "playwright/test";
import { startServices } from "../install/steps/start-services.ts";
import { startSupervisord } from "../install/steps/start-supervisord.ts";
import { writeSupervisorConfiguration } from "../install/steps/write-supervisor-configuration.ts";
import { hasSupervisord, livingProgram, program, putHook, type TestRoom, testRoom } from "./test-room.ts";

test.skip(!hasSupervisord, "supervisord is not on this machine");

let room: TestRoom;
test.afterEach(async () => room?.leave());

test("whoever starts one program again does not wait for what another one that ran all along brings from outside", async () => {
  let prices = 0;
  let quiet = false;
  room = testRoom({ query: () => [{ newest: quiet ? "the last one" : String(prices++) }] });
  // Under a script's name of its own it is no second REC.IO to an installation that is tested beside this.
  room.file("backend/living.py", livingProgram);
  room.programs.push(program("symbol_price_watchdog_btc", "living.py"), program("worker", "living.py"));
  await putHook(room);
  const job = room.job as never;
  await writeSupervisorConfiguration().run(room.world, job);
  await startSupervisord().run(room.world, job);
  await startServices(room.answers).run(room.world, job);
  expect(room.job.lines.join("\n")).toContain("symbol_price_watchdog_btc wrote a BTC price");

  quiet = true;
  room.job.lines.length = 0;
  await room.world.supervisor.stop("worker");
  expect(await startServices(room.answers).run(room.world, job)).toEqual({ started: ["worker"] });
  expect(room.job.lines.join("\n")).not.toContain("symbol_price_watchdog_btc");
});
