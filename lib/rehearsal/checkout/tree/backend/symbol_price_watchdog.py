"""Stand-in of symbol_price_watchdog BTC|ETH: a price a second, its momentum, and the changes of a day every minute.

REC.IO listens to Coinbase's websocket; this asks Coinbase's REST ticker once a second, which says the same.
"""
import datetime
import sys
import threading
import time
from zoneinfo import ZoneInfo

from backend.standin import client
from backend.standin.database import change, from_environment, row
from backend.standin.exchange import feed_url
from backend.util.paths import ensure_data_dirs

NEW_YORK = ZoneInfo("America/New_York")
WEIGHTS = ((1, 0.3), (2, 0.25), (3, 0.2), (4, 0.15), (15, 0.05), (30, 0.05))
KRAKEN_PAIRS = {"BTC": "XBTUSD", "ETH": "ETHUSD"}


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def deltas(table, now, price):
    """Per cent since so many minutes ago, None where no price of then (5 s off at most) is known."""
    found = {}
    for minutes, _ in WEIGHTS:
        then = now - datetime.timedelta(minutes=minutes)
        earlier = row(
            "SELECT price FROM live_data.%s WHERE timestamp BETWEEN %%s AND %%s ORDER BY timestamp LIMIT 1" % table,
            (stamp(then), stamp(then + datetime.timedelta(seconds=5))), from_environment,
        )
        found[minutes] = (price - float(earlier[0])) / float(earlier[0]) * 100 if earlier and earlier[0] else None
    return found


def momentum_of(changes):
    known = [(changes[minutes], weight) for minutes, weight in WEIGHTS if changes[minutes] is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def store(symbol, price):
    table, now = "live_price_log_1s_" + symbol.lower(), datetime.datetime.now(NEW_YORK)
    average = row("SELECT avg(price) FROM live_data.%s WHERE timestamp >= %%s" % table, (stamp(now - datetime.timedelta(minutes=1)),), from_environment)[0]
    changes = deltas(table, now, price)
    columns = ["price", "one_minute_avg", "momentum"] + ["delta_%dm" % minutes for minutes, _ in WEIGHTS]
    values = [price, average if average is not None else price, momentum_of(changes)] + list(changes.values())
    change(
        "INSERT INTO live_data.%s (timestamp, %s) VALUES (%s) ON CONFLICT (timestamp) DO UPDATE SET %s"
        % (table, ", ".join(columns), ", ".join(["%s"] * (len(columns) + 1)), ", ".join("%s = EXCLUDED.%s" % (name, name) for name in columns)),
        [stamp(now), *values], from_environment,
    )
    change("DELETE FROM live_data.%s WHERE timestamp < %%s" % table, (stamp(now - datetime.timedelta(days=30)),), from_environment)


def remember(symbol):
    """Prices of the minute before its start, one in four seconds.

    REC.IO waits for a minute of its own prices before it knows a momentum; who rehearses need not. That prices fill up
    second by second after a start stays as it is there.
    """
    trades = client.get("%s/products/%s-USD/trades" % (feed_url("COINBASE"), symbol)).json()
    for trade in trades:
        moment = datetime.datetime.fromisoformat(trade["time"].replace("Z", "+00:00")).astimezone(NEW_YORK)
        if moment.second % 4 == 0:
            change(
                "INSERT INTO live_data.live_price_log_1s_%s (timestamp, price) VALUES (%%s, %%s) ON CONFLICT (timestamp) DO NOTHING" % symbol.lower(),
                (stamp(moment), float(trade["price"])), from_environment,
            )


def watch_prices(symbol):
    try:
        remember(symbol)
    except Exception as failure:
        print("%s: the minute before is not known: %s" % (symbol, failure), flush=True)
    while True:
        begun = time.monotonic()
        try:
            answer = client.get("%s/products/%s-USD/ticker" % (feed_url("COINBASE"), symbol))
            store(symbol, float(answer.json()["price"]))
        except Exception as failure:
            print("%s: no price was stored: %s" % (symbol, failure), flush=True)
        time.sleep(max(0.05, 1 - (time.monotonic() - begun)))


def watch_changes(symbol):
    while True:
        try:
            answer = client.get("%s/0/public/OHLC?pair=%s&interval=60" % (feed_url("KRAKEN"), KRAKEN_PAIRS[symbol]), timeout=10).json()
            closes = [float(line[4]) for name, lines in answer["result"].items() if name != "last" for line in lines]
            if len(closes) >= 25:
                now = closes[-1]
                since = [(now - closes[-back]) / closes[-back] * 100 for back in (2, 4, 25)]
                change(
                    "INSERT INTO live_data.price_change_%s (change1h, change3h, change1d, timestamp) VALUES (%%s, %%s, %%s, %%s)" % symbol.lower(),
                    [*since, datetime.datetime.now(NEW_YORK)], from_environment,
                )
        except Exception as failure:
            print("%s: no changes were stored: %s" % (symbol, failure), flush=True)
        time.sleep(60)


if __name__ == "__main__":
    wanted = sys.argv[1].upper() if len(sys.argv) > 1 else "BTC"
    ensure_data_dirs()
    threading.Thread(target=watch_changes, args=(wanted,), daemon=True).start()
    watch_prices(wanted)
