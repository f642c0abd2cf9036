import { shownAccountMode } from "../checkout/hook/hook-files.ts";
import { lock, release, tradingState } from "../postgres/order-lock.ts";
import { Problem, sentence } from "../problem.ts";
import type { TradingState } from "../runtime.ts";
import type { World } from "../world.ts";

/** The order lock, as the page and the terminal reach it. */
export interface TradingDoor {
  state(): Promise<TradingState>;
  lock(): Promise<void>;
  /** @throws Problem where the word was not typed, the machine is not proven to work, or a warning was not seen. */
  release(mode: "manual" | "all", typed: string, secondWarningSeen: boolean, isInstalled: boolean): Promise<void>;
}

/** @param world the world of the installed answers; throws a Problem where nothing is installed */
export function tradingDoor(world: () => World): TradingDoor {
  return {
    async state() {
      const { postgres, machine, paths } = world();
      const state = await tradingState(postgres);
      const accountMode = await shownAccountMode(machine, paths);
      return accountMode ? { ...state, accountMode } : state;
    },
    lock: () => lock(world().postgres),
    async release(mode, typed, secondWarningSeen, isInstalled) {
      const { kalshi, postgres } = world();
      const prodKey = !kalshi.withoutKey && kalshi.environment === "prod";
      refuseRelease({ isInstalled, prodKey, typed, secondWarningSeen });
      await release(postgres, mode);
    },
  };
}

interface ReleaseAsked {
  isInstalled: boolean;
  prodKey: boolean;
  typed: string;
  secondWarningSeen: boolean;
}

/** New orders are let through only by the person, only on a machine that is proven to work. */
function refuseRelease({ isInstalled, prodKey, typed, secondWarningSeen }: ReleaseAsked): void {
  if (typed.trim().toLowerCase() !== "release") {
    throw new Problem({
      code: "trading.not-confirmed",
      says: 'The word "release" was not typed.',
      remedy: sentence('Type the word "release" to let new orders through.'),
    });
  }
  if (!isInstalled) {
    throw new Problem({
      code: "trading.not-installed",
      says: "New orders stay held: not everything on this machine is proven to work now.",
      remedy: sentence("Mend what the health page names, then release."),
    });
  }
  if (prodKey && !secondWarningSeen) {
    throw new Problem({
      code: "trading.second-warning",
      says: "The installed key is a production key: released orders spend real money.",
      remedy: sentence("Confirm that a second time."),
    });
  }
}
