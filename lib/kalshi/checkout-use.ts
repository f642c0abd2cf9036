import type { Checkout } from "../checkout/checkout.ts";
import type { Machine } from "../machine/machine.ts";
import type { UsedByCheckout } from "./kalshi.ts";

const executor = "backend/trade_executor.py";
const marketWatchdog = "backend/kalshi_market_watchdog.py";
const accountSync = "backend/api/kalshi-api/kalshi_account_sync_ws.py";

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Reads from the checkout's own files what it asks of the exchange: facts for a receipt, derived and not typed. */
export async function usedByCheckout(
  checkout: Pick<Checkout, "at">,
  machine: Pick<Machine, "files">,
): Promise<UsedByCheckout> {
  const read = async (file: string) => (await machine.files.read(checkout.at(file))) ?? "";
  const [executing, watching, syncing] = await Promise.all([executor, marketWatchdog, accountSync].map(read));
  const order = /["'](\/portfolio(?:\/events)?\/orders)["']/.exec(executing ?? "");
  const fields = [...(watching ?? "").matchAll(/market\.get\(\s*["'](\w+)["']/g)].map(([, field]) => field ?? "");
  const websocket = /["']wss:\/\/([^/"']+)\/trade-api\/ws\/v2["']/.exec(syncing ?? "");
  const signing = /\bpadding\.PSS\b/.exec(executing ?? "");
  const alsoEd25519 = /\bed25519\b/i.test(executing ?? "");
  return {
    ...(signing && !alsoEd25519
      ? { signs: { with: "rsa-pss" as const, at: `${executor}:${lineOf(executing ?? "", signing.index)}` } }
      : {}),
    ...(order?.[1] ? { orderPath: { path: order[1], at: `${executor}:${lineOf(executing ?? "", order.index)}` } } : {}),
    marketFields: [...new Set(fields)],
    ...(fields.length > 0 ? { marketFieldsAt: marketWatchdog } : {}),
    ...(websocket?.[1]
      ? { websocketHost: { host: websocket[1], at: `${accountSync}:${lineOf(syncing ?? "", websocket.index)}` } }
      : {}),
  };
}
