import type { UnexpectedExit } from "./supervisor.ts";

const exit = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(\d{3}) \w+ exited: (\S+) \((.+); not expected\)$/;

/**
 * The programs that ended by themselves, from supervisord's log, oldest first. Its times are local and without a zone,
 * so they are read in this process's zone, which is the one that supervisord was started with. Pure.
 *
 * With autorestart=true supervisord brings back every program that ends, also one that ends with status 0; that one is
 * "expected" in its log, and REC.IO's programs have no reason to end either. So both are counted.
 */
export function parseExits(log: string, since: number): UnexpectedExit[] {
  return log.split("\n").flatMap((line) => {
    const [, day, time, milliseconds, program, how] = exit.exec(line.replace("; expected)", "; not expected)")) ?? [];
    if (!day || !program || !how) return [];
    const at = new Date(`${day}T${time}.${milliseconds}`).getTime();
    return at >= since ? [{ program, at, how }] : [];
  });
}
