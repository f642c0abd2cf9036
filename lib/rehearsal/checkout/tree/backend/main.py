"""Stand-in of main_app: pages, login, preferences and views. Most of what fails here is answered with 200."""
import datetime
import os
import sys
import uuid
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from backend.account_mode import get_account_mode, set_account_mode
from backend.core.port_config import get_port, get_port_info
from backend.standin import accounts, client, market_views, preferences, web
from backend.standin.database import dicts, row
from backend.standin.exchange import feed_url
from backend.util.paths import get_frontend_dir, get_kalshi_credentials_dir

PORT = get_port("main_app")
app = web.App("main_app")


def page(name):
    with open(os.path.join(get_frontend_dir(), name), "rb") as file:
        return web.Reply(file.read(), 200, "text/html; charset=utf-8", [("Cache-Control", "no-cache, no-store, must-revalidate")])


def show(method, path, answer):
    app.route(method, path)(answer)


show("GET", "/health", lambda _: web.healthy("main_app", PORT))
show("GET", "/api/ports", lambda _: get_port_info())
show("GET", "/", lambda _: web.redirect("/login"))
show("GET", "/login", lambda _: page("login.html"))
show("GET", "/api/btc_price", lambda _: market_views.price())
show("GET", "/api/momentum_score", lambda _: market_views.momentum())
show("GET", "/btc_price_changes", lambda _: market_views.price_changes())
show("GET", "/api/strike_tables/{symbol}", lambda request: market_views.strike_table(request.parameters["symbol"]))
show("GET", "/api/postgresql/strike_table/{symbol}", lambda request: market_views.strike_table(request.parameters["symbol"]))
show("GET", "/api/watchlist/{symbol}", lambda request: market_views.watchlist(request.parameters["symbol"]))
show("GET", "/api/unified_ttc/{symbol}", lambda request: market_views.time_to_close(request.parameters["symbol"]))
show("GET", "/api/db/system_health", lambda _: market_views.health(True))
show("GET", "/api/system/health", lambda _: market_views.health(False))
# Looks up a key that nothing sets, so it is never healthy.
show("GET", "/api/system-health", lambda _: {"status": "degraded", "issues": ["Database issues detected"]})
# Calls a method that its detector does not have.
show("GET", "/api/failure_detector_status", lambda _: {"error": "'CascadingFailureDetector' object has no attribute 'generate_status_report'"})
show("GET", "/api/get_account_mode", lambda _: {"mode": get_account_mode()})
show("GET", "/api/get_preferences", lambda _: {**preferences.preferences(), "trade_strategy": preferences.trade_preferences()["trade_strategy"]})
show("GET", "/api/get_auto_stop", lambda _: {"enabled": preferences.preferences().get("auto_stop", True)})
show("GET", "/api/get_trade_preferences", lambda _: preferences.trade_preferences())
show("GET", "/api/get_auto_trade_settings", lambda _: preferences.auto_trade_settings())
show("GET", "/api/get_auto_entry_settings", lambda _: preferences.auto_trade_settings())
show("GET", "/api/get_trade_history_preferences", lambda _: preferences.history_preferences())
for notice in ("log_event", "notify_automated_trade", "notify_automated_close", "broadcast_auto_entry_indicator", "broadcast_active_trades_change", "notify_db_change"):
    show("POST", "/api/" + notice, lambda _: {"success": True})


@app.route("GET", "/app")
def main_page(request):
    if accounts.opens_app(request.query.get("token"), request.query.get("deviceId")):
        return page("index.html")
    return web.redirect("/login")


@app.route("POST", "/api/auth/login")
def log_in(request):
    data = request.json()
    return accounts.log_in(data.get("username", ""), data.get("password", ""), data.get("rememberDevice", False))


@app.route("POST", "/api/auth/verify")
def verify(request):
    return accounts.verify(request.json().get("token", ""), request.json().get("deviceId", ""))


@app.route("POST", "/api/auth/logout")
def log_out(request):
    return accounts.log_out(request.json().get("token", ""), request.json().get("deviceId", ""))


@app.route("GET", "/api/user/info")
def user_info(_):
    known = accounts.user()
    return {"user_id": known.get("username"), **{key: known.get(key) for key in ("name", "email", "phone", "account_type")}}


@app.route("GET", "/api/get_kalshi_email")
def kalshi_email(_):
    try:
        mode = get_account_mode()
        with open(os.path.join(get_kalshi_credentials_dir(), mode, "kalshi-auth.txt"), encoding="utf-8") as file:
            found = [line.split("email:", 1)[1].strip() for line in file if line.startswith("email:")]
        return {"email": found[0] + ("" if mode == "prod" else " DEMO") if found else "No email found in credentials"}
    except OSError:
        return {"email": "No credentials found"}


@app.route("POST", "/api/set_account_mode")
def account_mode(request):
    mode = request.json().get("mode")
    if mode not in ("prod", "demo"):
        return {"status": "error", "message": "Invalid mode"}
    set_account_mode(mode)
    return {"status": "success", "mode": mode}


def listed(table):
    """Rows of a table, or none: a table that is missing looks like one that is empty."""
    try:
        return dicts("SELECT * FROM users.%s ORDER BY id DESC" % table)
    except Exception as failure:
        print("%s was not read: %s" % (table, failure), flush=True)
        return []


for kind in ("trades", "fills", "positions", "settlements"):
    show("GET", "/api/db/" + kind, lambda _, kind=kind: {kind: listed(kind + "_0001")})
show("GET", "/trades", lambda _: listed("trades_0001"))


@app.route("GET", "/api/account/balance")
def balance(_):
    try:
        found = row("SELECT balance FROM users.account_balance_0001 ORDER BY timestamp DESC LIMIT 1")
        return {"balance": found[0] if found else 0}
    except Exception:
        return {"balance": 0}


@app.route("GET", "/core")
def core(_):
    now, price = datetime.datetime.now(ZoneInfo("America/New_York")), market_views.price()["price"]
    if price is None:
        try:
            answer = client.get(feed_url("KRAKEN") + "/0/public/Ticker?pair=BTCUSD").json()
            price = float(next(iter(answer["result"].values()))["c"][0])
        except Exception as failure:
            print("No price from the feed either: %s" % failure, flush=True)
            price = 0
    return {"date": now.strftime("%A, %B %d, %Y"), "time": now.strftime("%I:%M:%S %p EDT"), "btc_price": price}


@app.route("GET", "/api/get_auto_entry_status")
def auto_entry_status(_):
    try:
        found = row("SELECT auto_entry_status, cooldown_timer FROM users.auto_trade_settings_0001 WHERE id = 1")
        return {"status": found[0] if found else "DISABLED", "cooldown_timer": (found[1] or 0) if found else 0}
    except Exception as failure:
        return {"status": "DISABLED", "cooldown_timer": 0, "error": str(failure)}


def switch(flag):
    def set_flag(request):
        enabled = bool(request.json().get("enabled", False))
        preferences.write_auto_trade_settings(**{flag: enabled})
        # What was asked is answered, not what came of it.
        return {"status": "ok", "enabled": enabled}

    return set_flag


show("POST", "/api/set_auto_entry", switch("auto_entry"))
show("POST", "/api/set_auto_stop", switch("auto_stop"))


def number(name, default):
    def set_number(request):
        value = int(request.json().get(name, default))
        preferences.write_trade_preferences(**{name: value})
        wanted = preferences.preferences()
        wanted[name] = value
        preferences.save_preferences(wanted)
        return {"status": "ok"}

    return set_number


show("POST", "/api/set_position_size", number("position_size", 100))
show("POST", "/api/set_multiplier", number("multiplier", 1))


@app.route("POST", "/api/update_preferences")
def update_preferences(request):
    wanted = preferences.preferences()
    wanted.update({name: int(value) for name, value in request.json().items() if name in ("position_size", "multiplier")})
    preferences.save_preferences(wanted)
    return {"status": "ok"}


@app.route("POST", "/api/set_auto_entry_settings")
def auto_entry_settings(request):
    known = {name: value for name, value in request.json().items() if name in preferences.AUTO_COLUMNS[2:11]}
    if known:
        preferences.write_auto_trade_settings(**known)
    return {"status": "ok", **preferences.auto_trade_settings()}


@app.route("POST", "/api/set_trade_history_preferences")
def history_preferences(request):
    return {"status": "ok", "preferences": preferences.write_history_preferences(request.json())}


@app.route("GET", "/api/active_trades")
def active_trades(_):
    try:
        answer = client.get("http://localhost:%d/api/active_trades" % get_port("active_trade_supervisor"))
        if answer.ok:
            return answer.json()
        return web.as_json([{"error": "Active trade supervisor returned status %d" % answer.status}, answer.status])
    except Exception as failure:
        # A list with the status inside, and 200 around it.
        return web.as_json([{"error": "Failed to connect to active trade supervisor: %s" % failure}, 503])


def to_manager(trade):
    answer = client.post("http://localhost:%d/trades" % get_port("trade_manager"), trade, timeout=10)
    return answer.json() if answer.status == 201 else {"error": "Trade manager returned status %d" % answer.status}


show("POST", "/trades", lambda request: to_manager(request.json()))


@app.route("POST", "/api/trigger_open_trade")
def trigger_open_trade(request):
    data, now = request.json(), datetime.datetime.now(ZoneInfo("America/New_York"))
    trade = {name: data.get(name) for name in ("strike", "ticker", "buy_price", "prob", "symbol_open", "momentum", "contract")}
    trade.update(
        ticket_id="TICKET-%s-%d" % (uuid.uuid4().hex[:9], now.timestamp() * 1000),
        status="pending", date=now.strftime("%Y-%m-%d"), time=now.strftime("%H:%M:%S"), symbol="BTC", market="Kalshi",
        trade_strategy=data.get("trade_strategy") or "Hourly HTC", side={"yes": "Y", "no": "N"}.get(data.get("side"), data.get("side")),
        position=data.get("position") or 1, entry_method=data.get("entry_method", "manual"),
    )
    result = to_manager(trade)
    return {"status": "error", "message": result["error"]} if "error" in result else {"status": "success", "trade_data": result}


if __name__ == "__main__":
    web.server(app, "0.0.0.0", PORT).serve_forever()
