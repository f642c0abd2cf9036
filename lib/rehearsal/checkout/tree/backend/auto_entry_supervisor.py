"""Stand-in of auto_entry_supervisor: looks for strikes to enter, every second. A failing database is a line in the log."""
import datetime
import threading
import time
import uuid
from zoneinfo import ZoneInfo

from backend.core.port_config import get_port, get_port_info
from backend.standin import client, web
from backend.standin.database import change, cursor, dicts, from_environment, row

PORT = get_port("auto_entry_supervisor")
COLUMNS = (
    "min_probability", "min_differential", "min_time", "max_time", "allow_re_entry", "spike_alert_enabled",
    "spike_alert_momentum_threshold", "spike_alert_cooldown_threshold", "spike_alert_cooldown_minutes",
)
WATCHED = (
    "symbol", "current_price", "ttc_seconds", "broker", "event_ticker", "market_title", "strike_tier", "market_status", "strike",
    "buffer", "buffer_pct", "probability", "yes_ask", "no_ask", "yes_diff", "no_diff", "volume", "ticker", "active_side",
)
app = web.App("auto_entry_supervisor")
indicator = {"enabled": False, "ttc_within_window": False, "scanning_active": False, "spike_alert_active": False, "current_momentum": None}
entered, alive = {}, {"thread": None}


def say(text):
    print("[AUTO ENTRY] %s" % text, flush=True)


def enabled():
    try:
        found = row("SELECT auto_entry FROM users.auto_trade_settings_0001 WHERE id = 1", connect=from_environment)
        return bool(found and found[0])
    except Exception as failure:
        say("The switch was not read: %s" % failure)
        return False


def settings():
    """No defaults: {} where there is no row or a column is missing."""
    try:
        found = row("SELECT %s FROM users.auto_trade_settings_0001 WHERE id = 1" % ", ".join(COLUMNS), connect=from_environment)
        if not found:
            return {}
        named = dict(zip(COLUMNS, found))
        named["min_differential"] = float(named["min_differential"])
        return {**named, "watchlist_min_volume": 1000, "watchlist_max_ask": 98}
    except Exception as failure:
        say("The settings were not read: %s" % failure)
        return {}


def time_to_close():
    try:
        return client.get("http://localhost:%d/api/unified_ttc/btc" % get_port("main_app"), timeout=2).json().get("ttc_seconds", 0)
    except Exception as failure:
        say("The time to the close is not known: %s" % failure)
        return 0


def passes(strike, wanted):
    numbers = [strike[name] for name in ("volume", "probability", "yes_ask", "no_ask", "yes_diff", "no_diff")]
    if any(value is None for value in numbers):
        return False
    volume, probability, yes_ask, no_ask, yes_diff, no_diff = numbers
    return (
        volume >= wanted["watchlist_min_volume"]
        and probability > wanted["min_probability"] - 5
        and max(yes_ask, no_ask) <= wanted["watchlist_max_ask"]
        and max(yes_diff, no_diff) >= wanted["min_differential"] - 3
    )


def write_watchlist(wanted):
    strikes = dicts("SELECT %s FROM live_data.strike_table_btc ORDER BY probability DESC" % ", ".join(WATCHED), connect=from_environment)
    if not strikes:
        say("There is no strike table")
        return []
    kept = [strike for strike in strikes if passes(strike, wanted)]
    with cursor(from_environment) as made:
        made.execute("DELETE FROM live_data.watchlist_btc")
        for strike in kept:
            sql = "INSERT INTO live_data.watchlist_btc (%s) VALUES (%s)" % (", ".join(WATCHED), ", ".join(["%s"] * len(WATCHED)))
            made.execute(sql, [strike[name] for name in WATCHED])
    return kept


def enter(strike):
    size = row("SELECT position_size, multiplier, trade_strategy FROM users.trade_preferences_0001 WHERE id = 1", connect=from_environment)
    if not size:
        say("There is no position size")
        return
    now, side = datetime.datetime.now(ZoneInfo("America/New_York")), strike["active_side"]
    trade = {
        "ticket_id": "TICKET-%s-%d" % (uuid.uuid4().hex[:9], now.timestamp() * 1000), "status": "pending",
        "date": now.strftime("%Y-%m-%d"), "time": now.strftime("%H:%M:%S"), "symbol": "BTC", "market": "Kalshi",
        "trade_strategy": size[2], "contract": strike["market_title"], "strike": "$%s" % format(strike["strike"], ","),
        "side": "Y" if side == "yes" else "N", "ticker": strike["ticker"], "buy_price": float(strike[side + "_ask"]) / 100,
        "position": size[0] * size[1], "prob": float(strike["probability"]), "entry_method": "auto",
    }
    entered[strike["ticker"]] = time.time()
    answer = client.post("http://localhost:%d/trades" % get_port("trade_manager"), trade, timeout=10)
    say("Entered %s: %d" % (strike["ticker"], answer.status))


def look_once():
    on, wanted = enabled(), settings()
    found = row("SELECT momentum FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1", connect=from_environment)
    momentum = float(found[0]) if found and found[0] is not None else None
    kept = write_watchlist(wanted) if wanted else []
    ttc = time_to_close()
    spike = bool(wanted) and wanted["spike_alert_enabled"] and abs(momentum or 0) * 100 >= wanted["spike_alert_momentum_threshold"]
    inside = bool(wanted) and wanted["min_time"] <= ttc <= wanted["max_time"]
    scanning = on and inside and not spike
    indicator.update(enabled=on, ttc_within_window=inside, scanning_active=scanning, spike_alert_active=spike, current_momentum=momentum)
    status = "DISABLED" if not on or not wanted else "PAUSED" if spike else "ACTIVE" if inside else "INACTIVE"
    change("UPDATE users.auto_trade_settings_0001 SET auto_entry_status = %s, updated_at = CURRENT_TIMESTAMP WHERE id = 1", (status,), from_environment)
    if not scanning:
        return
    for strike in kept:
        side = strike["active_side"]
        good = strike["probability"] >= wanted["min_probability"] and strike[side + "_diff"] >= wanted["min_differential"]
        if good and (wanted["allow_re_entry"] or strike["ticker"] not in entered):
            enter(strike)


def watch():
    while True:
        try:
            look_once()
        except Exception as failure:
            say("The look failed: %s" % failure)
        time.sleep(1)


def thread_alive():
    return alive["thread"] is not None and alive["thread"].is_alive()


@app.route("GET", "/health")
def health(_):
    return {
        **web.healthy("auto_entry_supervisor", PORT), "monitoring_thread_alive": thread_alive(), "auto_entry_enabled": enabled(),
        **{name: indicator[name] for name in ("scanning_active", "spike_alert_active", "current_momentum")},
    }


@app.route("GET", "/api/auto_entry_status")
def auto_entry_status(_):
    return {"enabled": enabled(), "settings": settings(), "current_ttc": time_to_close(), "cooldown_entries_count": len(entered)}


@app.route("GET", "/api/auto_entry_scanning_status")
def scanning_status(_):
    wanted, ttc = settings(), time_to_close()
    # A missing row ends here in a KeyError, which is a 500.
    inside = wanted["min_time"] <= ttc <= wanted["max_time"]
    return {
        "enabled": enabled(), "service_healthy": thread_alive(), "ttc_within_window": inside, "current_ttc": ttc, "settings": wanted,
        "scanning_active": indicator["scanning_active"], "spike_alert_active": indicator["spike_alert_active"],
        "current_momentum": indicator["current_momentum"], "monitoring_thread_alive": thread_alive(),
    }


@app.route("GET", "/api/spike_alert_settings")
def spike_alert_settings(_):
    wanted = settings()
    return {name: wanted.get(name) for name in COLUMNS if name.startswith("spike_alert")}


app.route("GET", "/api/auto_entry_indicator")(lambda _: indicator)
app.route("GET", "/api/ports")(lambda _: get_port_info())
app.route("POST", "/api/notify_automated_trade")(lambda _: {"success": True, "message": "Automated trade notification sent"})

if __name__ == "__main__":
    try:
        look_once()
    except Exception as failure:
        say("The first look failed: %s" % failure)
    alive["thread"] = threading.Thread(target=watch, daemon=True)
    alive["thread"].start()
    web.server(app, "127.0.0.1", PORT).serve_forever()
