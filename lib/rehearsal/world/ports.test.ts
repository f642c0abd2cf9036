import { expect, test } from "playwright/test";
import { isProblem } from "../../problem.ts";
import { choosePorts, portsOfBlock, type RehearsalPorts } from "./ports.ts";

const all = ({ programs, ...others }: RehearsalPorts) => [...Object.values(programs), ...Object.values(others)];

test("the ports of a rehearsal are all different and below 32768", () => {
  for (const block of [0, 119]) {
    const ports = all(portsOfBlock(block));
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(32_768);
    // A real REC.IO, whose highest port is 9001, and a PostgreSQL beside it stay where they are.
    expect(Math.min(...ports)).toBeGreaterThan(9001);
  }
});

test("the same state folder gets the same ports, and the next free block where one of them is taken", () => {
  const first = choosePorts("/var/lib/rec-io-setup-rehearsal", new Set());
  expect(choosePorts("/var/lib/rec-io-setup-rehearsal", new Set())).toEqual(first);
  const next = choosePorts("/var/lib/rec-io-setup-rehearsal", new Set([first.kraken]));
  expect(all(next).some((port) => all(first).includes(port))).toBe(false);
});

test("where every block is taken it says so", () => {
  const taken = new Set(Array.from({ length: 120 }, (_, block) => portsOfBlock(block).database));
  try {
    choosePorts("/state", taken);
    throw new Error("ports were found");
  } catch (thrown) {
    expect(isProblem(thrown) && thrown.code).toBe("rehearsal.no-ports");
  }
});
