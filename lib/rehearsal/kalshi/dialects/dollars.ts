import type { Order } from "../account.ts";
import { commonEvent, commonMarket, type Dialect, iso } from "./dialect.ts";

const dollars = (cents: number): string => (cents / 100).toFixed(4);
const contracts = (count: number): string => count.toFixed(2);
/** New crypto events live here since 24 August 2026. */
const cryptoShard = 2;

const pricesOf = ({ yesPrice }: Order) => ({
  yes_price_dollars: dollars(yesPrice),
  no_price_dollars: dollars(100 - yesPrice),
});

/** The API of autumn 2026: prices and amounts are decimal strings, `subtitle` is gone, the old order endpoint is retired. */
export const dollarStrings: Dialect = {
  name: "today",
  event: commonEvent,
  market: (quote) => ({
    ...commonMarket(quote),
    exchange_index: cryptoShard,
    response_price_units: "usd_cent",
    notional_value_dollars: "1.0000",
    yes_bid_dollars: dollars(quote.yesBid),
    yes_ask_dollars: dollars(quote.yesAsk),
    no_bid_dollars: dollars(quote.noBid),
    no_ask_dollars: dollars(quote.noAsk),
    last_price_dollars: dollars(quote.lastPrice),
    previous_price_dollars: dollars(quote.lastPrice),
    volume_fp: contracts(quote.volume),
    volume_24h_fp: contracts(quote.volume24h),
    liquidity_dollars: dollars(quote.liquidityCents),
    open_interest_fp: contracts(quote.openInterest),
  }),
  balance: ({ cents, byShard, breakdown }, now) => ({
    balance: cents,
    balance_dollars: dollars(cents),
    portfolio_value: 0,
    updated_ts: Math.floor(now / 1000),
    ...(breakdown
      ? {
          balance_breakdown: Object.entries(byShard).map(([shard, held]) => ({
            exchange_index: Number(shard),
            balance: dollars(held),
          })),
        }
      : {}),
  }),
  positions: (account) => ({
    cursor: "",
    event_positions: [],
    market_positions: account.orders.map((order) => ({
      ticker: order.ticker,
      exchange_index: cryptoShard,
      total_traded_dollars: dollars(order.count * order.yesPrice),
      position_fp: contracts(0),
      market_exposure_dollars: dollars(0),
      realized_pnl_dollars: dollars(order.count * (100 - order.yesPrice)),
      resting_orders_count: 0,
      fees_paid_dollars: dollars(account.fees(order)),
      last_updated_ts: iso(order.at),
    })),
  }),
  fills: (account) => ({
    cursor: "",
    fills: account.orders.map((order) => ({
      fill_id: order.clientOrderId,
      trade_id: order.clientOrderId,
      market_ticker: order.ticker,
      ticker: order.ticker,
      order_id: order.orderId,
      side: order.side,
      action: order.action,
      count_fp: contracts(order.count),
      ...pricesOf(order),
      is_taker: true,
      created_time: iso(order.at),
    })),
  }),
  orders: (account) => ({
    cursor: "",
    orders: account.orders.map((order) => ({
      order_id: order.orderId,
      user_id: account.memberId,
      ticker: order.ticker,
      status: "executed",
      action: order.action,
      side: order.side,
      type: "limit",
      ...pricesOf(order),
      initial_count_fp: contracts(order.count),
      remaining_count_fp: contracts(0),
      fill_count_fp: contracts(order.count),
      created_time: iso(order.at),
      last_update_time: iso(order.at),
      client_order_id: order.clientOrderId,
      taker_fees_dollars: dollars(account.fees(order)),
      maker_fees_dollars: dollars(0),
    })),
  }),
  settlements: (account) => ({
    cursor: "",
    settlements: account.settlements.map(({ ticker, result, count, costCents, revenueCents, at }) => ({
      ticker,
      market_result: result,
      yes_count_fp: contracts(count),
      yes_total_cost_dollars: dollars(costCents),
      no_count_fp: contracts(0),
      no_total_cost_dollars: dollars(0),
      revenue: revenueCents,
      settled_time: iso(at),
    })),
  }),
  snapshot: ({ ticker, yesBid, noBid }) => ({
    market_ticker: ticker,
    yes_dollars_fp: yesBid > 0 ? [[dollars(yesBid), contracts(300)]] : [],
    no_dollars_fp: noBid > 0 ? [[dollars(noBid), contracts(300)]] : [],
  }),
  ticker: (quote, time) => ({
    market_ticker: quote.ticker,
    price_dollars: dollars(quote.lastPrice),
    yes_bid_dollars: dollars(quote.yesBid),
    yes_ask_dollars: dollars(quote.yesAsk),
    volume_fp: contracts(quote.volume),
    open_interest_fp: contracts(quote.openInterest),
    dollar_volume: quote.volume,
    ts: Math.floor(time / 1000),
    ts_ms: time,
    time: iso(time),
  }),
  position: (order, account) => ({
    user_id: account.memberId,
    market_ticker: order.ticker,
    position_fp: contracts(order.count),
    position_cost_dollars: dollars(order.count * order.yesPrice),
    realized_pnl_dollars: dollars(0),
    fees_paid_dollars: dollars(account.fees(order)),
    volume_fp: contracts(order.count),
  }),
};
