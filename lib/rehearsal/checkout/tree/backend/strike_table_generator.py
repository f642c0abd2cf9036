"""Stand-in of strike_table_generator: the strikes around the price with their probabilities, every second. Without a
lookup its table is as fresh as ever, and every probability in it is 50.00.
"""
import datetime
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from backend.standin.database import cursor, from_environment, row, rows

COLUMNS = (
    "symbol", "current_price", "ttc_seconds", "broker", "event_ticker", "market_title", "strike_tier", "market_status", "strike",
    "buffer", "buffer_pct", "probability", "yes_ask", "no_ask", "yes_diff", "no_diff", "volume", "ticker", "active_side",
    "momentum_weighted_score",
)


def between(low, high, at):
    """(lower neighbour, upper neighbour, share of the way) among sorted positions that hold `at`, or None."""
    below = [value for value in low if value <= at]
    above = [value for value in high if value >= at]
    if not below or not above:
        return None
    first, last = max(below), min(above)
    return first, last, 0.0 if first == last else (at - first) / (last - first)


class LookupProbabilityCalculator:
    """Chances of staying within a buffer, between the four neighbours in analytics.probability_lookup_<symbol>.

    REC.IO looks no further than 5 seconds and 10 points; this looks as far as a coarser rehearsal's grid needs.
    """

    REACH_SECONDS, REACH_POINTS = 50, 100

    def __init__(self, symbol="btc"):
        self.table = "analytics.probability_lookup_%s" % symbol.lower()

    def get_probability(self, ttc_seconds, buffer_points, momentum_bucket):
        if buffer_points > 2000:
            return 99.9, 99.9
        try:
            found = rows(
                "SELECT ttc_seconds, buffer_points, prob_within_positive, prob_within_negative FROM %s WHERE momentum_bucket = %%s"
                " AND ttc_seconds BETWEEN %%s AND %%s AND buffer_points BETWEEN %%s AND %%s" % self.table,
                (
                    momentum_bucket, ttc_seconds - self.REACH_SECONDS, ttc_seconds + self.REACH_SECONDS,
                    buffer_points - self.REACH_POINTS, buffer_points + self.REACH_POINTS,
                ),
                from_environment,
            )
        except Exception as failure:
            print("ERROR - %s" % failure, file=sys.stderr, flush=True)
            return 50.0, 50.0
        known = {(line[0], line[1]): (float(line[2]), float(line[3])) for line in found}
        times, buffers = {key[0] for key in known}, {key[1] for key in known}
        in_time, in_buffer = between(times, times, ttc_seconds), between(buffers, buffers, buffer_points)
        if in_time is None or in_buffer is None:
            print("WARNING - No data found for TTC=%s, buffer=%s, momentum=%s" % (ttc_seconds, buffer_points, momentum_bucket), file=sys.stderr, flush=True)
            return 50.0, 50.0
        try:
            return tuple(self._blend(known, in_time, in_buffer, side) for side in (0, 1))
        except KeyError:
            return 50.0, 50.0

    @staticmethod
    def _blend(known, in_time, in_buffer, side):
        early, late, along = in_time
        near, far, out = in_buffer

        def at(buffer):
            return known[early, buffer][side] * (1 - along) + known[late, buffer][side] * along

        return at(near) * (1 - out) + at(far) * out


def prepare_table():
    """Unguarded: without the right to make schemas, tables and indexes the program ends here."""
    with cursor(from_environment) as made:
        made.execute("CREATE SCHEMA IF NOT EXISTS live_data")
        made.execute(
            "CREATE TABLE IF NOT EXISTS live_data.strike_table_btc (id serial PRIMARY KEY, timestamp timestamptz DEFAULT now(), symbol varchar(10),"
            " current_price numeric(10,2), ttc_seconds integer, broker varchar(20), event_ticker varchar(50), market_title text,"
            " strike_tier integer, market_status varchar(20), strike integer, buffer numeric(10,2), buffer_pct numeric(5,2),"
            " probability numeric(5,2), yes_ask numeric(5,2), no_ask numeric(5,2), yes_diff numeric(5,2), no_diff numeric(5,2),"
            " volume integer, ticker varchar(50), active_side varchar(10), momentum_weighted_score numeric(5,3),"
            " created_at timestamptz DEFAULT now())"
        )
        made.execute("CREATE INDEX IF NOT EXISTS idx_strike_table_btc_timestamp ON live_data.strike_table_btc (timestamp)")


def current_markets():
    newest = row("SELECT event_ticker FROM live_data.market_kalshi_btc ORDER BY id DESC LIMIT 1", connect=from_environment)
    if not newest:
        raise ValueError("No market data found")
    found = rows(
        "SELECT market_ticker, strike, yes_ask, no_ask, volume FROM live_data.market_kalshi_btc WHERE event_ticker = %s",
        (newest[0],), from_environment,
    )
    priced = []
    for ticker, strike, yes_ask, no_ask, volume in found:
        # A number where the column should be text of dollars ends in no match, and so in no row.
        if isinstance(strike, str) and re.match(r"^\$[\d,]+$", strike) and isinstance(yes_ask, int) and isinstance(no_ask, int):
            priced.append((int(strike[1:].replace(",", "")), ticker, yes_ask, no_ask, volume))
    return newest[0], sorted(priced)


def generate(calculator):
    latest = row("SELECT price, momentum FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1", connect=from_environment)
    if not latest:
        raise ValueError("No price data found in live_data.live_price_log_1s_btc")
    price, momentum = float(latest[0]), float(latest[1] or 0)
    event, markets = current_markets()
    if len(markets) == 1:
        raise ValueError("Insufficient markets to detect strike tier spacing")
    tier = markets[1][0] - markets[0][0] if len(markets) > 1 else 0
    now = datetime.datetime.now()
    ttc, bucket = 3600 - (now.minute * 60 + now.second), round(momentum * 100)
    lines = []
    for strike, ticker, yes_ask, no_ask, volume in sorted(markets, key=lambda market: abs(market[0] - price))[:21]:
        buffer = abs(price - strike)
        rise, fall = calculator.get_probability(ttc, int(buffer), bucket)
        below = strike < price
        chance = rise if below else fall
        yes_chance = chance if below else 100 - chance
        lines.append((
            "BTC", price, ttc, "Kalshi", event, "Bitcoin price at %s" % event[-2:], tier, "active", strike, buffer, buffer / price * 100,
            chance, yes_ask, no_ask, yes_chance - yes_ask, 100 - yes_chance - no_ask, volume, ticker, "yes" if below else "no", momentum,
        ))
    with cursor(from_environment) as made:
        made.execute("DELETE FROM live_data.strike_table_btc")
        for line in lines:
            made.execute("INSERT INTO live_data.strike_table_btc (%s) VALUES (%s)" % (", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS))), line)
    print("Generated %d strike table records successfully" % len(lines), flush=True)
    return True


if __name__ == "__main__":
    prepare_table()
    every = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    while True:
        try:
            generate(LookupProbabilityCalculator("btc"))
        except Exception as failure:
            print("ERROR - %s" % failure, file=sys.stderr, flush=True)
        time.sleep(every)
