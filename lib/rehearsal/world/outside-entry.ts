import { localMachine } from "../../machine/local-machine.ts";
import { listenForControl } from "../control.ts";
import { coinbaseStandIn } from "../feeds/coinbase.ts";
import { krakenStandIn } from "../feeds/kraken.ts";
import { priceModel } from "../feeds/prices.ts";
import { kalshiStandIn, listen } from "../kalshi/stand-in.ts";
import { requestLog } from "../requests.ts";
import { outsideOrder } from "./outside-order.ts";

/**
 * The stand-ins of the exchange and of the price feeds as a process of its own, on loopback: `node … ORDER_FILE`. Prints
 * one line when all of them answer; ends on TERM.
 */
const keptRequests = 20_000;

async function play(orderFile: string): Promise<void> {
  const { files } = localMachine({ stateFolder: orderFile });
  const order = outsideOrder.parse(JSON.parse((await files.read(orderFile)) ?? "{}"));
  const { dialect, ports } = order;
  const requests = requestLog(undefined, keptRequests);
  const prices = priceModel(1);
  const kalshi = {
    prod: kalshiStandIn({ environment: "prod", dialect, prices, requests, keys: order.prodKeys }),
    demo: kalshiStandIn({ environment: "demo", dialect, prices, requests, keys: order.demoKeys }),
  };
  const coinbase = coinbaseStandIn({ prices, requests });
  const listening = await Promise.all([
    listen(kalshi.prod, ports.kalshiProd),
    listen(kalshi.demo, ports.kalshiDemo),
    listen(coinbase, ports.coinbase),
    listen(krakenStandIn({ prices, requests }), ports.kraken),
  ]);
  // Last, because whoever waits for the stand-ins asks here.
  const control = await listenForControl({ kalshi, coinbase, requests }, ports.control);
  const end = async () => {
    control.server.closeAllConnections();
    control.server.close();
    await Promise.all(listening.map((one) => one.stop()));
    process.exit(0);
  };
  process.once("SIGTERM", () => void end());
  process.stdout.write(`${new Date().toISOString()} stand-ins: all answer, dialect ${dialect}\n`);
}

play(process.argv[2] ?? "").catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
});
