import { mayTradeTwice, readMoved, writeMoved } from "../backup/moved.ts";
import { shownAccountMode } from "../checkout/hook/hook-files.ts";
import { lock, release, tradingState } from "../postgres/order-lock.ts";
import { Problem, sentence } from "../problem.ts";
import type { Runtime } from "../runtime.ts";
import type { World } from "../world.ts";

/** The order lock, as the page and the terminal reach it. */
export interface TradingDoor {
  state: Runtime["trading"];
  lock: Runtime["lockTrading"];
  release: Runtime["releaseTrading"];
  confirmMove: Runtime["confirmMove"];
}

interface Ground {
  /** The world of the installed answers; throws a Problem where nothing is installed. */
  world: () => World;
  isInstalled: () => boolean;
  /** Told when something was changed. */
  changed: () => void;
}

export function tradingDoor({ world, isInstalled, changed }: Ground): TradingDoor {
  return {
    async state() {
      const { postgres, machine, paths } = world();
      const state = await tradingState(postgres);
      const accountMode = await shownAccountMode(machine, paths);
      const moved = await readMoved({ machine, paths });
      return {
        ...state,
        ...(accountMode ? { accountMode } : {}),
        ...(moved && !moved.confirmedAt ? { movedFrom: { machine: moved.machine, madeAt: moved.madeAt } } : {}),
      };
    },
    async lock() {
      const here = world();
      await lock(here.postgres, (await mayTradeTwice(here)) ? "none" : "close-only");
      changed();
    },
    async confirmMove(typed) {
      const here = world();
      const moved = await readMoved(here);
      if (!moved || moved.confirmedAt) return;
      if (typed.trim().toLowerCase() !== "stopped")
        throw new Problem({
          code: "trading.not-confirmed",
          says: 'The word "stopped" was not typed.',
          remedy: sentence(`Stop REC.IO on ${moved.machine}, and type the word "stopped".`),
        });
      await writeMoved(here, { ...moved, confirmedAt: new Date().toISOString() });
      // As after any installation: closing is possible from now on, and releasing is another decision.
      await lock(here.postgres, "close-only", "the installation that this one came from no longer trades");
      changed();
    },
    async release(mode, typed, secondWarningSeen) {
      const { kalshi, postgres, machine, paths } = world();
      if (await mayTradeTwice({ machine, paths })) throw notConfirmed();
      const prodKey = !kalshi.withoutKey && kalshi.environment === "prod";
      refuseRelease({ isInstalled: isInstalled(), prodKey, typed, secondWarningSeen });
      await release(postgres, mode);
      changed();
    },
  };
}

function notConfirmed(): Problem {
  return new Problem({
    code: "trading.move-not-confirmed",
    says: "Orders stay held: nobody has said yet that the installation which this one came from no longer trades with the same key.",
    remedy: sentence("Stop REC.IO there, and say so first: npm run trading -- confirm-move, or under Order lock."),
  });
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
