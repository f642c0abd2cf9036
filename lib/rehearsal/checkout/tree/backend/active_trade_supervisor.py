"""Stand-in of active_trade_supervisor: watches open trades. It cannot start without its table, and its stop-loss for
momentum does not ask whether automated stop is on.
"""
import datetime
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from backend.core.port_config import get_port
from backend.standin import client, web
from backend.standin.database import change, dicts, row, rows
from backend.util.paths import get_host

PORT = get_port("active_trade_supervisor")
COPIED = "ticket_id, date, time, strike, side, buy_price, position, contract, ticker, symbol, market, trade_strategy, symbol_open, momentum, prob, fees, diff"
app = web.App("active_trade_supervisor")
cache = {"at": 0.0, "trades": None}


def say(text):
    print("[ACTIVE_TRADE_SUPERVISOR] %s" % text, flush=True)


def auto_stop():
    try:
        found = row("SELECT auto_stop FROM users.auto_trade_settings_0001 WHERE id = 1")
        return bool(found and found[0])
    except Exception:
        return False


def all_trades():
    return dicts("SELECT * FROM users.active_trades_0001 ORDER BY id DESC")


@app.route("GET", "/api/active_trades")
def active_trades(_):
    stop, cached = auto_stop(), False
    if stop and cache["trades"] is not None and time.time() - cache["at"] < 2:
        trades, cached = cache["trades"], True
    else:
        trades = all_trades()
        cache.update(at=time.time(), trades=trades)
    now = datetime.datetime.now().isoformat()
    return {"status": "success", "timestamp": now, "active_trades": trades, "count": len(trades), "cached": cached, "auto_stop_enabled": stop}


def tell_main():
    try:
        trades = all_trades()
        body = {"active_trades": [trade["trade_id"] for trade in trades], "count": len(trades)}
        client.post("http://localhost:%d/api/broadcast_active_trades_change" % get_port("main_app"), body, timeout=2)
    except Exception as failure:
        say("main_app was not told: %s" % failure)


def take_up(trade_id, from_status, as_status):
    sql = "INSERT INTO users.active_trades_0001 (trade_id, status, %s) SELECT id, %%s, %s FROM users.trades_0001 WHERE id = %%s AND status = %%s" % (COPIED, COPIED)
    return change(sql, (as_status, trade_id, from_status)) > 0


def confirm(trade_id):
    return change("UPDATE users.active_trades_0001 SET status = 'active' WHERE trade_id = %s", (trade_id,)) > 0 or take_up(trade_id, "open", "active")


def let_go(trade_id):
    return change("DELETE FROM users.active_trades_0001 WHERE trade_id = %s", (trade_id,)) > 0


def closing(trade_id):
    return change("UPDATE users.active_trades_0001 SET status = 'closing' WHERE trade_id = %s", (trade_id,)) > 0


ON_STATUS = {
    "pending": lambda trade_id: take_up(trade_id, "pending", "pending"),
    "open": confirm, "closing": closing, "closed": let_go, "expired": let_go, "error": let_go, "deleted": let_go,
}


@app.route("POST", "/api/trade_manager_notification")
def notification(request):
    data = request.json()
    trade_id, ticket, status = data.get("trade_id"), data.get("ticket_id"), data.get("status")
    if not all((trade_id, ticket, status)):
        return {"error": "Missing required fields: trade_id, ticket_id, status"}, 400
    if status not in ON_STATUS:
        return {"error": "Unknown status: %s" % status}, 400
    try:
        success = ON_STATUS[status](trade_id)
    except Exception as failure:
        say("Trade %s was not taken as %s: %s" % (trade_id, status, failure))
        success = False
    cache["trades"] = None
    tell_main()
    words = "Trade %s %s notification processed" % (trade_id, status)
    return {"status": "success" if success else "error", "message": words, "success": success}, 200 if success else 500


@app.route("POST", "/api/sync_and_monitor")
def sync_and_monitor(_):
    watch_once()
    return {"status": "success", "message": "Sync and monitoring completed"}


def close(trade, why):
    say("Closing trade %s: %s" % (trade["trade_id"], why))
    ticket = {
        "ticket_id": "TICKET-close-%s" % trade["ticket_id"], "intent": "close", "ticker": trade["ticker"], "type": "market",
        "side": "N" if trade["side"] in ("Y", "yes") else "Y", "count": trade["position"], "close_method": "auto",
        "symbol_close": trade["current_symbol_price"],
    }
    change("UPDATE users.active_trades_0001 SET status = 'closing' WHERE id = %s", (trade["id"],))
    client.post("http://localhost:%d/trades" % get_port("trade_manager"), ticket, timeout=10)


def watch_once():
    settings = row("SELECT auto_stop, current_probability, momentum_spike_enabled, momentum_spike_threshold FROM users.auto_trade_settings_0001 WHERE id = 1")
    market = row("SELECT price, momentum FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1")
    if not settings or not market:
        return
    stop, least, spike, threshold = settings
    price, momentum = float(market[0]), float(market[1] or 0) * 100
    for trade in dicts("SELECT * FROM users.active_trades_0001 WHERE status = 'active'"):
        found = row("SELECT probability FROM live_data.strike_table_btc WHERE ticker = %s", (trade["ticker"],))
        chance = float(found[0]) if found and found[0] is not None else None
        change(
            "UPDATE users.active_trades_0001 SET current_symbol_price = %s, current_probability = %s, last_updated = now() WHERE id = %s",
            (price, chance, trade["id"]),
        )
        yes = trade["side"] in ("Y", "yes")
        if stop and chance is not None and chance < least:
            close(trade, "probability %.2f is below %s" % (chance, least))
        elif spike and (momentum <= -threshold if yes else momentum >= threshold):
            close(trade, "momentum %.1f is beyond %s" % (momentum, threshold))


def watch():
    while True:
        try:
            if rows("SELECT 1 FROM users.active_trades_0001 WHERE status = 'active' LIMIT 1"):
                watch_once()
        except Exception as failure:
            say("The watch failed: %s" % failure)
        time.sleep(1)


app.route("GET", "/health")(lambda _: web.healthy("active_trade_supervisor", PORT))
app.route("GET", "/api/ports")(lambda _: {"service": "active_trade_supervisor", "port": PORT, "host": get_host()})
app.route("POST", "/api/notify_automated_close")(lambda _: {"success": True, "message": "Automated trade close notification sent"})

if __name__ == "__main__":
    # Nothing catches this: no database or no table, and the program ends.
    say("%d active trades" % row("SELECT count(*) FROM users.active_trades_0001")[0])
    threading.Thread(target=watch, daemon=True).start()
    web.server(app, "0.0.0.0", PORT).serve_forever()
