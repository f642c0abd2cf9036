"""Stand-in of kalshi_market_watchdog: the markets of the hour, every second. Fields that the exchange no longer sends
are stored as zeros, and it says "Saved".
"""
import datetime
import re
import time
from zoneinfo import ZoneInfo

from backend.standin import client
from backend.standin.database import cursor, from_environment
from backend.standin.exchange import base_url

NUMBERS = ("yes_bid", "yes_ask", "no_bid", "no_ask", "last_price", "volume", "volume_24h", "open_interest", "liquidity")


def prepare_table():
    try:
        with cursor(from_environment) as made:
            columns = ", ".join("%s integer" % name for name in NUMBERS)
            made.execute(
                "CREATE TABLE IF NOT EXISTS live_data.market_kalshi_btc (id serial PRIMARY KEY, event_ticker varchar(50) NOT NULL,"
                " market_ticker varchar(100) NOT NULL, strike varchar(20), %s, created_at timestamptz DEFAULT now(),"
                " updated_at timestamptz DEFAULT now(), UNIQUE (event_ticker, market_ticker))" % columns
            )
    except Exception as failure:
        print("The table was not made: %s" % failure, flush=True)


def event_ticker():
    close = datetime.datetime.now(ZoneInfo("America/New_York")) + datetime.timedelta(hours=1)
    return "KXBTCD-" + close.strftime("%y%b%d%H").upper()


def strike_of(market):
    found = re.match(r"\$[\d,]+", market.get("subtitle") or "")
    return found.group(0) if found else ""


def store(event, markets):
    kept = ("strike",) + NUMBERS
    with cursor(from_environment) as made:
        for market in markets:
            # In REC.IO a field that is missing is a 0.
            values = [strike_of(market)] + [market.get(name, 0) for name in NUMBERS]
            made.execute(
                "INSERT INTO live_data.market_kalshi_btc (event_ticker, market_ticker, %s) VALUES (%s)"
                " ON CONFLICT (event_ticker, market_ticker) DO UPDATE SET %s, updated_at = now()"
                % (", ".join(kept), ", ".join(["%s"] * (len(kept) + 2)), ", ".join("%s = EXCLUDED.%s" % (name, name) for name in kept)),
                [event, market["ticker"], *values],
            )


def look_once():
    event = event_ticker()
    answer = client.get("%s/events/%s" % (base_url("prod"), event), timeout=10)
    if not answer.ok:
        print("No event %s: status %d" % (event, answer.status), flush=True)
        return
    markets = answer.json().get("markets", [])
    store(event, markets)
    print("Saved %d markets of %s" % (len(markets), event), flush=True)


if __name__ == "__main__":
    prepare_table()
    while True:
        try:
            look_once()
        except Exception as failure:
            print("The look failed: %s" % failure, flush=True)
        time.sleep(1)
