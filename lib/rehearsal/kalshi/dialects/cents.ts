import type { Account, Order } from "../account.ts";
import { commonEvent, commonMarket, type Dialect, iso, strikeWords } from "./dialect.ts";

function orderBody(order: Order, account: Account): Record<string, unknown> {
  const fees = account.fees(order);
  return {
    order_id: order.orderId,
    user_id: account.memberId,
    ticker: order.ticker,
    status: "executed",
    action: order.action,
    side: order.side,
    type: "market",
    yes_price: order.yesPrice,
    no_price: 100 - order.yesPrice,
    initial_count: order.count,
    remaining_count: 0,
    fill_count: order.count,
    created_time: iso(order.at),
    expiration_time: null,
    last_update_time: iso(order.at),
    client_order_id: order.clientOrderId,
    order_group_id: "",
    queue_position: 0,
    self_trade_prevention_type: "",
    maker_fees: 0,
    taker_fees: fees,
    maker_fill_cost: 0,
    taker_fill_cost: order.count * (order.side === "yes" ? order.yesPrice : 100 - order.yesPrice),
  };
}

function positionFacts(order: Order, account: Account) {
  const settled = account.settlements.some(({ ticker }) => ticker === order.ticker);
  const price = order.side === "yes" ? order.yesPrice : 100 - order.yesPrice;
  const signed = order.side === "yes" ? order.count : -order.count;
  return { position: settled ? 0 : signed, cost: price * order.count, fees: account.fees(order) };
}

/** The API of summer 2025: whole cents and whole contracts, `subtitle` with the strike, orders under /portfolio/orders. */
export const cents: Dialect = {
  name: "2025",
  event: commonEvent,
  market: (quote) => ({
    ...commonMarket(quote),
    subtitle: strikeWords(quote.strike),
    response_price_units: "usd_cent",
    notional_value: 100,
    tick_size: 1,
    yes_bid: quote.yesBid,
    yes_ask: quote.yesAsk,
    no_bid: quote.noBid,
    no_ask: quote.noAsk,
    last_price: quote.lastPrice,
    previous_yes_bid: quote.yesBid,
    previous_yes_ask: quote.yesAsk,
    previous_price: quote.lastPrice,
    volume: quote.volume,
    volume_24h: quote.volume24h,
    liquidity: quote.liquidityCents,
    open_interest: quote.openInterest,
    risk_limit_cents: 0,
    category: "",
  }),
  balance: ({ cents: balance }, now) => ({ balance, updated_ts: Math.floor(now / 1000) }),
  positions: (account) => ({
    cursor: "",
    event_positions: [],
    market_positions: account.orders.map((order) => {
      const { position, cost, fees } = positionFacts(order, account);
      return {
        ticker: order.ticker,
        total_traded: cost,
        position,
        market_exposure: position === 0 ? 0 : cost,
        realized_pnl: position === 0 ? order.count * 100 - cost : 0,
        resting_orders_count: 0,
        fees_paid: fees,
        last_updated_ts: iso(order.at),
      };
    }),
  }),
  fills: (account) => ({
    cursor: "",
    fills: account.orders.map((order) => ({
      trade_id: order.clientOrderId,
      ticker: order.ticker,
      order_id: order.orderId,
      side: order.side,
      action: order.action,
      count: order.count,
      yes_price: order.yesPrice,
      no_price: 100 - order.yesPrice,
      is_taker: true,
      created_time: iso(order.at),
    })),
  }),
  orders: (account) => ({ cursor: "", orders: account.orders.map((order) => orderBody(order, account)) }),
  settlements: (account) => ({
    cursor: "",
    settlements: account.settlements.map(({ ticker, result, count, costCents, revenueCents, at }) => ({
      ticker,
      market_result: result,
      yes_count: count,
      yes_total_cost: costCents,
      no_count: 0,
      no_total_cost: 0,
      revenue: revenueCents,
      settled_time: iso(at),
    })),
  }),
  created: (order, account) => ({ order: orderBody(order, account) }),
  snapshot: ({ ticker, yesBid, noBid }) => ({
    market_ticker: ticker,
    yes: yesBid > 0 ? [[yesBid, 300]] : [],
    no: noBid > 0 ? [[noBid, 300]] : [],
  }),
  ticker: (quote, time) => ({
    market_ticker: quote.ticker,
    price: quote.lastPrice,
    yes_bid: quote.yesBid,
    yes_ask: quote.yesAsk,
    volume: quote.volume,
    open_interest: quote.openInterest,
    dollar_volume: quote.volume,
    dollar_open_interest: quote.openInterest,
    ts: Math.floor(time / 1000),
  }),
  // The websocket counts money in centi-cents.
  position: (order, account) => {
    const { position, cost, fees } = positionFacts(order, account);
    return {
      user_id: account.memberId,
      market_ticker: order.ticker,
      position,
      position_cost: cost * 100,
      realized_pnl: 0,
      fees_paid: fees * 100,
      volume: order.count,
    };
  },
};
