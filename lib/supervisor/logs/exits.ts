import type { UnexpectedExit } from "../supervisor.ts";

const stamp = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(\d{3}) \w+ (.+)$/;
const exit = /^exited: (\S+) \((.+); (?:not )?expected\)$/;
const settled = /^(?:stopped|gave up): (\S+) /;

/**
 * The programs that ended by themselves, from supervisord's log, oldest first. Its times are local and without a zone,
 * so they are read in this process's zone, which is the one that supervisord was started with. Pure.
 *
 * With autorestart=true supervisord brings back every program that ends, also one that ends with status 0; that one is
 * "expected" in its log, and REC.IO's programs have no reason to end either. So both are counted.
 */
export function parseExits(log: string, since: number): UnexpectedExit[] {
  const exits: UnexpectedExit[] = [];
  for (const line of log.split("\n")) {
    const [, day, time, milliseconds, event] = stamp.exec(line) ?? [];
    if (!day || !event) continue;
    const stopped = settled.exec(event)?.[1];
    for (const one of exits) if (one.program === stopped) one.settled = true;
    const [, program, how] = exit.exec(event) ?? [];
    if (program && how) {
      exits.push({ program, at: new Date(`${day}T${time}.${milliseconds}`).getTime(), how, settled: false });
    }
  }
  return exits.filter(({ at }) => at >= since);
}
