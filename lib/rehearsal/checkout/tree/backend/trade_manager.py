"""Stand-in of trade_manager: the book of trades. It has no /health, and it sends a new trade to the executor BEFORE it
writes it down, so that a table of another shape means an order without a row.
"""
import datetime
import os
import sys
import threading
import time
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from backend.core.port_config import get_port, get_port_info
from backend.standin import client, web
from backend.standin.database import change, cursor, dicts, row, rows
from backend.util.trade_logger import log_trade_event

PORT = get_port("trade_manager")
NEW_YORK = ZoneInfo("America/New_York")
app = web.App("trade_manager")


def say(text):
    print("[TRADE_MANAGER] %s" % text, flush=True)


def prepare_tables():
    """At import, in one transaction; a failure is printed and forgotten."""
    try:
        with cursor() as made:
            made.execute("CREATE SCHEMA IF NOT EXISTS users")
            made.execute("CREATE SCHEMA IF NOT EXISTS live_data")
            made.execute("CREATE TABLE IF NOT EXISTS users.trades_0001 (id integer PRIMARY KEY, status text, ticker text, ticket_id text)")
            made.execute("CREATE INDEX IF NOT EXISTS idx_trades_0001_status ON users.trades_0001 (status)")
            made.execute("CREATE INDEX IF NOT EXISTS idx_trades_0001_ticker ON users.trades_0001 (ticker)")
    except Exception as failure:
        say("Error initializing the tables: %s" % failure)


def tell_supervisor(trade_id, ticket, status):
    try:
        url = "http://localhost:%d/api/trade_manager_notification" % get_port("active_trade_supervisor")
        client.post(url, {"trade_id": trade_id, "ticket_id": ticket, "status": status})
    except Exception as failure:
        say("active_trade_supervisor was not told: %s" % failure)


def insert_trade(trade):
    """The new row's id, or None where it could not be written: the order is out by then."""
    columns = {
        "status": "pending", "symbol": trade.get("symbol", "BTC"), "market": trade.get("market", "Kalshi"),
        "trade_strategy": trade.get("trade_strategy", "Hourly HTC"), "market_id": trade.get("market_id", "BTC-USD"),
        "entry_method": trade.get("entry_method", "manual"),
    }
    for name in ("date", "time", "contract", "strike", "side", "prob", "diff", "buy_price", "position", "momentum", "ticker", "ticket_id"):
        columns[name] = trade.get(name)
    try:
        price = row("SELECT price FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1")
        columns["symbol_open"] = int(price[0]) if price else None
        sql = "INSERT INTO users.trades_0001 (%s) VALUES (%s) RETURNING id" % (", ".join(columns), ", ".join(["%s"] * len(columns)))
        return row(sql, list(columns.values()))[0]
    except Exception as failure:
        say("The trade was not written down: %s" % failure)
        return None


def close_trade(data):
    ticker = data.get("ticker")
    try:
        client.post("http://localhost:%d/trigger_trade" % get_port("trade_executor"), data)
    except Exception as failure:
        say("EXECUTOR ERROR: %s" % failure)
    # "closing" whatever the executor said.
    found = row("SELECT id FROM users.trades_0001 WHERE ticker = %s AND status IN ('open', 'pending') ORDER BY id DESC LIMIT 1", (ticker,))
    if found:
        change("UPDATE users.trades_0001 SET status = 'closing', close_method = %s WHERE id = %s", (data.get("close_method", "manual"), found[0]))
        tell_supervisor(found[0], data.get("ticket_id"), "closing")
    return {"message": "Close ticket received and processed"}, 201


@app.route("GET", "/trades")
def trades(request):
    status = request.query.get("status")
    try:
        if status:
            return dicts("SELECT * FROM users.trades_0001 WHERE status = %s ORDER BY id DESC", (status,))
        return dicts("SELECT * FROM users.trades_0001 ORDER BY id DESC")
    except Exception as failure:
        say("The trades were not read: %s" % failure)
        return []


@app.route("POST", "/trades")
def add_trade(request):
    data = request.json()
    if data.get("intent") == "close":
        return close_trade(data)
    if not {"date", "time", "strike", "side", "buy_price", "position"} <= set(data):
        return {"detail": "Missing required trade fields"}, 400
    data["time"] = datetime.datetime.now(NEW_YORK).strftime("%H:%M:%S")
    try:
        client.post("http://localhost:%d/trigger_trade" % get_port("trade_executor"), data)
    except Exception as failure:
        say("EXECUTOR ERROR: %s" % failure)
    trade_id = insert_trade(data)
    log_trade_event(data.get("ticket_id"), "MANAGER: SENT TO EXECUTOR", service="trade_manager")
    tell_supervisor(trade_id, data.get("ticket_id"), "pending")
    return {"id": trade_id}, 201


@app.route("POST", "/api/update_trade_status")
def update_trade_status(request):
    data = request.json()
    trade_id, ticket, status = data.get("id"), data.get("ticket_id"), str(data.get("status", "")).strip().lower()
    if not status or not (trade_id or ticket):
        return {"detail": "Missing id or ticket_id or status"}, 400
    if not trade_id:
        found = row("SELECT id FROM users.trades_0001 WHERE ticket_id = %s", (ticket,))
        if not found:
            return {"detail": "Trade with provided ticket_id not found"}, 404
        trade_id = found[0]
    if not ticket:
        found = row("SELECT ticket_id FROM users.trades_0001 WHERE id = %s", (trade_id,))
        ticket = found[0] if found else None
    if status == "accepted":
        return {"message": "Trade accepted, waiting for position confirmation", "id": trade_id}
    if status != "error":
        return {"detail": "Unrecognized status value: '%s'" % status}, 400
    words = data.get("error_message", "")
    if "insufficient_resting_volume" in words.lower() or "insufficient balance" in words.lower():
        change("DELETE FROM users.trades_0001 WHERE id = %s AND status = 'pending'", (trade_id,))
        tell_supervisor(trade_id, ticket, "deleted")
        return {"message": "Pending trade deleted", "id": trade_id}
    try:
        change("UPDATE users.trades_0001 SET status = 'error' WHERE id = %s", (trade_id,))
    except Exception as failure:
        say("The status was not stored: %s" % failure)
    log_trade_event(ticket, "MANAGER: STATUS UPDATED, SET TO 'ERROR' - %s" % words, service="trade_manager")
    tell_supervisor(trade_id, ticket, "error")
    return {"message": "Trade marked error", "id": trade_id}


@app.route("POST", "/api/positions_updated")
def positions_updated(request):
    kind = request.json().get("database", "positions")
    if kind == "positions":
        for trade_id, ticket, ticker in rows("SELECT id, ticket_id, ticker FROM users.trades_0001 WHERE status = 'pending'"):
            held = row("SELECT position FROM users.positions_0001 WHERE ticker = %s", (ticker,))
            if held and held[0]:
                change("UPDATE users.trades_0001 SET status = 'open' WHERE id = %s AND status = 'pending'", (trade_id,))
                tell_supervisor(trade_id, ticket, "open")
    return {"message": "%s_updated received" % kind}


def expire_open_trades():
    closed_at = datetime.datetime.now(NEW_YORK).strftime("%H:%M:%S")
    for trade_id, ticket in rows("SELECT id, ticket_id FROM users.trades_0001 WHERE status = 'open'"):
        change("UPDATE users.trades_0001 SET status = 'expired', closed_at = %s WHERE id = %s", (closed_at, trade_id))
        tell_supervisor(trade_id, ticket, "expired")


@app.route("POST", "/api/manual_expiration_check")
def manual_expiration_check(_):
    threading.Thread(target=expire_open_trades, daemon=True).start()
    return {"message": "Manual expiration check triggered"}


def every_hour():
    """At minute 0: failed trades go, open ones expire."""
    while True:
        now = datetime.datetime.now()
        time.sleep(3600 - (now.minute * 60 + now.second))
        try:
            change("DELETE FROM users.trades_0001 WHERE status = 'error'")
            expire_open_trades()
        except Exception as failure:
            say("The hourly check failed: %s" % failure)


app.route("GET", "/api/ports")(lambda _: get_port_info())
app.route("POST", "/api/manual_settlement_poll")(lambda _: {"message": "Manual settlement poll triggered"})
prepare_tables()

if __name__ == "__main__":
    threading.Thread(target=every_hour, daemon=True).start()
    web.server(app, "0.0.0.0", PORT).serve_forever()
