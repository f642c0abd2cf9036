/** How this product names itself to the exchange, on every request and on the websocket: a stand-in counts by it. */
export const userAgent = "rec-io-setup";
