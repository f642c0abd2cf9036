import type { Checkout } from "./checkout/checkout.ts";
import type { Kalshi } from "./kalshi/kalshi.ts";
import type { Machine } from "./machine/machine.ts";
import type { StatePaths } from "./paths.ts";
import type { Postgres } from "./postgres/postgres.ts";
import type { Settings } from "./settings.ts";
import type { Supervisor } from "./supervisor/supervisor.ts";

/**
 * Everything outside this process, as interfaces. There are two: the real one and the rehearsal; one server process
 * serves one. Probes and steps ask for the parts that they need with `Pick<World, …>`.
 */
export interface World {
  readonly kind: "real" | "rehearsal";
  readonly settings: Settings;
  /** Where this installation keeps its state on disk. */
  readonly paths: StatePaths;
  readonly machine: Machine;
  readonly checkout: Checkout;
  readonly postgres: Postgres;
  readonly kalshi: Kalshi;
  readonly supervisor: Supervisor;
}
