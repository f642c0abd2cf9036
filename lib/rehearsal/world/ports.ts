import { createHash } from "node:crypto";
import { Problem, sentence } from "../../problem.ts";
import type { StandInPorts } from "../checkout/make-checkout.ts";

/** Every port of one rehearsal, all below 32768 and so outside of what systems give away by themselves. */
export interface RehearsalPorts {
  programs: StandInPorts;
  database: number;
  source: number;
  kalshiProd: number;
  kalshiDemo: number;
  coinbase: number;
  kraken: number;
  control: number;
}

/** Blocks of a hundred from here on; none of REC.IO's own ports (3000 to 9001) lies in them. */
const firstBlock = 20_000;
const blocks = 120;
const inUse = 15;

/** The ports that lie in one block. Pure. */
export function portsOfBlock(block: number): RehearsalPorts {
  const at = (index: number) => firstBlock + block * 100 + index;
  return {
    programs: {
      main_app: at(0),
      trade_manager: at(1),
      trade_executor: at(2),
      active_trade_supervisor: at(3),
      auto_entry_supervisor: at(4),
      kalshi_account_sync: at(5),
      kalshi_market_watchdog: at(6),
      strike_table_generator: at(7),
    },
    database: at(8),
    source: at(9),
    kalshiProd: at(10),
    kalshiDemo: at(11),
    coinbase: at(12),
    kraken: at(13),
    control: at(14),
  };
}

/**
 * Chooses the ports of a rehearsal: the block that belongs to its state folder, so that two rehearsals do not choose the
 * same one before either listens, else the next block that is free.
 * @param state the state folder
 * @param taken ports on which somebody listens
 * @throws Problem `rehearsal.no-ports`
 */
export function choosePorts(state: string, taken: ReadonlySet<number>): RehearsalPorts {
  const own = createHash("sha256").update(state).digest().readUInt16BE(0) % blocks;
  for (let step = 0; step < blocks; step++) {
    const block = (own + step) % blocks;
    const from = firstBlock + block * 100;
    if (Array.from({ length: inUse }, (_, index) => from + index).every((port) => !taken.has(port)))
      return portsOfBlock(block);
  }
  throw new Problem({
    code: "rehearsal.no-ports",
    says: `No ${inUse} neighbouring ports are free between ${firstBlock} and ${firstBlock + blocks * 100}.`,
    remedy: sentence("End some of the programs that listen there."),
  });
}

/** A port that this rehearsal chose is held by somebody else by now. `by` as in "python3 (process 812)". */
export function portHeld(port: number, whose: string, by: string): Problem {
  return new Problem({
    code: "rehearsal.port-taken",
    says: `Port ${port} of the rehearsal's ${whose} is held by ${by}.`,
    remedy: sentence(
      "End that program, or leave the rehearsal with npm run uninstall -- --rehearsal and begin again: it then chooses other ports.",
    ),
  });
}
