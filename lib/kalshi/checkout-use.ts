import type { Checkout } from "../checkout/checkout.ts";
import type { Machine } from "../machine/machine.ts";
import { type FoundInCode, fieldsRead, firstInCode, orderRoutes } from "./found-in-code.ts";
import type { UsedByCheckout } from "./kalshi.ts";

const executor = "backend/trade_executor.py";
const marketWatchdog = "backend/kalshi_market_watchdog.py";
const accountSync = "backend/api/kalshi-api/kalshi_account_sync_ws.py";

const at = ({ file, line }: FoundInCode) => `${file}:${line}`;

/** Reads from the checkout's own files what it asks of the exchange: facts for a receipt, derived and not typed. */
export async function usedByCheckout(
  checkout: Pick<Checkout, "at">,
  machine: Pick<Machine, "files">,
): Promise<UsedByCheckout> {
  const read = async (file: string) => (await machine.files.read(checkout.at(file))) ?? "";
  const [executing, watching, syncing] = await Promise.all([executor, marketWatchdog, accountSync].map(read));
  const [order] = orderRoutes(executing ?? "", executor);
  const fields = fieldsRead(watching ?? "", marketWatchdog, "market");
  const websocket = firstInCode(syncing ?? "", accountSync, /["']wss:\/\/([^/"']+)\/trade-api\/ws\/v2["']/);
  const signing = firstInCode(executing ?? "", executor, /\bpadding\.PSS\b/);
  const alsoEd25519 = firstInCode(executing ?? "", executor, /\bed25519\b/i);
  return {
    ...(signing && !alsoEd25519 ? { signs: { with: "rsa-pss" as const, at: at(signing) } } : {}),
    ...(order ? { orderPath: { path: order.name, at: at(order) } } : {}),
    marketFields: fields.map(({ name }) => name),
    ...(fields[0] ? { marketFieldsAt: at(fields[0]) } : {}),
    ...(websocket ? { websocketHost: { host: websocket.name, at: at(websocket) } } : {}),
  };
}
