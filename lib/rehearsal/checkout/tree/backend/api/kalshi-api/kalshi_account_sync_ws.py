"""Stand-in of kalshi_account_sync: balance, positions, fills, orders and settlements into the user's tables.

REC.IO waits for a websocket to tell it of changes; this asks every few seconds, and tells in REC.IO's words whether it
would be told. The key is read without any guard: a
missing or unreadable one ends the program, and supervisord starts it again until it gives up.
"""
import datetime
import json
import os
import sys
import time
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))

from backend.core.port_config import get_port
from backend.standin import client, exchange
from backend.standin.database import change, cursor

EVERY_SECONDS = 10
POSITION = ("ticker", "total_traded", "position", "market_exposure", "realized_pnl", "fees_paid", "last_updated_ts")
FILL = ("trade_id", "ticker", "order_id", "side", "action", "count", "yes_price", "no_price", "is_taker", "created_time")
SETTLEMENT = ("ticker", "market_result", "yes_count", "yes_total_cost", "no_count", "no_total_cost", "revenue", "settled_time")
ORDER = (
    "order_id", "user_id", "ticker", "status", "action", "side", "type", "yes_price", "no_price", "initial_count", "remaining_count",
    "fill_count", "created_time", "expiration_time", "last_update_time", "client_order_id", "order_group_id", "queue_position",
    "self_trade_prevention_type", "maker_fees", "taker_fees", "maker_fill_cost", "taker_fill_cost",
)


def ask(path, query=""):
    answer = client.get(exchange.base_url() + path + query, exchange.signed_headers("GET", path), timeout=10)
    if not answer.ok:
        raise RuntimeError("%s answered %d: %s" % (path, answer.status, answer.text[:200]))
    return answer.json()


def balance():
    amount = ask("/portfolio/balance").get("balance")
    now = datetime.datetime.now(ZoneInfo("America/New_York")).isoformat()
    change("INSERT INTO users.account_balance_0001 (balance, timestamp) VALUES (%s, %s)", (amount, now))


def store(table, columns, found, conflict="", fresh=False):
    """What the exchange no longer calls by the old name becomes NULL."""
    names = columns + ("raw_json",)
    with cursor() as made:
        if fresh:
            made.execute("DELETE FROM users.%s" % table)
        for one in found:
            values = [one.get(name) for name in columns] + [json.dumps(one)]
            made.execute("INSERT INTO users.%s (%s) VALUES (%s) %s" % (table, ", ".join(names), ", ".join(["%s"] * len(names)), conflict), values)


def tell_manager(database):
    try:
        client.post("http://localhost:%d/api/positions_updated" % get_port("trade_manager"), {"database": database})
    except Exception as failure:
        print("trade_manager was not told: %s" % failure, flush=True)


def positions():
    store("positions_0001", POSITION, ask("/portfolio/positions", "?limit=50").get("market_positions") or [], fresh=True)
    tell_manager("positions")


def fills():
    found = [dict(one) for one in ask("/portfolio/fills", "?limit=50").get("fills") or []]
    for one in found:
        for name in ("yes_price", "no_price"):
            if one.get(name) is not None:
                one[name] = one[name] / 100
    store("fills_0001", FILL, found, "ON CONFLICT (trade_id) DO NOTHING")
    tell_manager("fills")


def orders():
    store("orders_0001", ORDER, ask("/portfolio/orders", "?limit=50").get("orders") or [], fresh=True)


def settlements():
    found = ask("/portfolio/settlements", "?limit=50").get("settlements") or []
    store("settlements_0001", SETTLEMENT, found, "ON CONFLICT (ticker, settled_time) DO NOTHING")


def exchange_answers():
    try:
        ask("/portfolio/positions", "?limit=1")
        return True
    except Exception:
        return False


def main():
    print("Kalshi account sync: Supervisor Starting", flush=True)
    exchange.load_key(exchange.credentials()[1])
    subscribed = None
    while True:
        for part in (balance, positions, fills, orders, settlements):
            try:
                part()
            except Exception as failure:
                print("%s was not synchronised: %s" % (part.__name__, failure), flush=True)
        reached = exchange_answers()
        if reached != subscribed:
            print("Subscribed to market positions" if reached else "Failed to connect to the exchange", flush=True)
            subscribed = reached
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
