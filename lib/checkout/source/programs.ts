/** A program as one of REC.IO's own files names it. */
export interface NamedProgram {
  name: string;
  /** Relative to the root. Absent where the file names the program only (the monitor's list). */
  script?: string;
  args: readonly string[];
}

/** "symbol_price_watchdog.py BTC" → the script below backend/ and its arguments. */
function command(text: string): Pick<NamedProgram, "script" | "args"> {
  const [script = "", ...args] = text.trim().split(/\s+/);
  return { script: `backend/${script.replace(/^\.?\//, "")}`, args };
}

/**
 * Programs of a supervisor file, or of a script that writes one: `[program:x]` and the command of its section. What
 * stands before "/backend/" (an interpreter, a root, a variable of a shell) says nothing about this machine. Pure.
 */
export function programsOfSupervisorText(text: string): NamedProgram[] {
  const found: NamedProgram[] = [];
  for (const section of text.split(/^\s*(?=\[)/m)) {
    const name = /^\[program:([\w.-]+)\]/.exec(section)?.[1];
    if (name === undefined) continue;
    const line = /^\s*command\s*=\s*(.+)$/m.exec(section)?.[1] ?? "";
    const behind = /(?:^|[\s/])backend\/(.+)$/.exec(line)?.[1];
    found.push(behind === undefined ? { name, args: [] } : { name, ...command(behind) });
  }
  return found;
}

/**
 * Programs of the generator, which lists them as Python dictionaries with "name" and "script". A generator that holds
 * whole sections of a supervisor file instead is read as such. Pure.
 */
export function programsOfGenerator(text: string): NamedProgram[] {
  const entry = /["']name["']\s*:\s*["']([\w.-]+)["']\s*,\s*["']script["']\s*:\s*["']([^"'\n]+)["']/g;
  const listed = [...text.matchAll(entry)].map(([, name = "", script = ""]) => ({ name, ...command(script) }));
  return listed.length > 0 ? listed : programsOfSupervisorText(text);
}

/** Names in the monitor's list `all_services = [ … ]`. Pure. */
export function programsOfMonitor(text: string): NamedProgram[] {
  const list = /\ball_services\s*=\s*\[([^\]]*)\]/.exec(text)?.[1] ?? "";
  const code = list.replace(/#.*$/gm, "");
  return [...code.matchAll(/["']([\w.-]+)["']/g)].map(([, name = ""]) => ({ name, args: [] }));
}

/**
 * Everything that any of the three names, once each. Where they disagree about the script, the generator is right
 * before the supervisor file: REC.IO's own set-up overwrites the file with it. Pure.
 */
export function union(
  sources: readonly { source: string; programs: readonly NamedProgram[] }[],
): { name: string; script: string; args: readonly string[]; namedIn: string[] }[] {
  const found = new Map<string, { script?: string; args: readonly string[]; namedIn: string[] }>();
  for (const { source, programs } of sources) {
    for (const { name, script, args } of programs) {
      const known = found.get(name);
      if (!known) {
        found.set(name, { ...(script === undefined ? {} : { script }), args, namedIn: [source] });
        continue;
      }
      if (!known.namedIn.includes(source)) known.namedIn.push(source);
      if (known.script === undefined && script !== undefined) Object.assign(known, { script, args });
    }
  }
  return [...found].map(([name, { script, args, namedIn }]) => ({
    name,
    // A program that is only watched, never started by any file, would have to be the script of its own name.
    script: script ?? `backend/${name}.py`,
    args,
    namedIn,
  }));
}

/** The order of starting in which no program misses another; system_monitor arms trading when it sees a gap. */
const safeOrder = [
  "symbol_price_watchdog_btc",
  "symbol_price_watchdog_eth",
  "kalshi_market_watchdog",
  "strike_table_generator",
  "kalshi_account_sync",
  "trade_executor",
  "trade_manager",
  "active_trade_supervisor",
  "auto_entry_supervisor",
  "main_app",
  "cascading_failure_detector",
  "system_monitor",
];

/** Programs in the safe order; those that this list does not know start before the detector, the monitor stays last. Pure. */
export function inSafeOrder<Program extends { name: string }>(programs: readonly Program[]): Program[] {
  const place = (name: string) => {
    const index = safeOrder.indexOf(name);
    return index === -1 ? safeOrder.indexOf("main_app") + 0.5 : index;
  };
  return [...programs].sort((a, b) => place(a.name) - place(b.name));
}
