"""What main_app shows of prices, strikes and health. A failure is an answer 200 with an `error` in it."""
import shutil

from backend.standin.database import dicts, row

STRIKE_COLUMNS = "strike, buffer, buffer_pct, probability, yes_ask, no_ask, volume, ticker, yes_diff, no_diff, active_side"


def price():
    try:
        found = row("SELECT price FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1")
        if found:
            return {"price": float(found[0]), "source": "postgresql_live_data"}
        return {"price": None, "error": "No price data available"}
    except Exception as failure:
        return {"price": None, "error": str(failure)}


def momentum():
    try:
        found = row("SELECT momentum FROM live_data.live_price_log_1s_btc ORDER BY timestamp DESC LIMIT 1")
        if found and found[0] is not None:
            return {"weighted_score": float(found[0])}
        return {"weighted_score": 0, "error": "No momentum data available"}
    except Exception as failure:
        return {"weighted_score": 0, "error": str(failure)}


def price_changes():
    try:
        found = row("SELECT change1h, change3h, change1d, timestamp FROM live_data.price_change_btc ORDER BY timestamp DESC LIMIT 1")
        return dict(zip(("change1h", "change3h", "change1d", "timestamp"), found or (None,) * 4))
    except Exception:
        return {"change1h": None, "change3h": None, "change1d": None, "timestamp": None}


def _table(kind, symbol, order):
    name = "live_data.%s_%s" % (kind, symbol.lower())
    if not symbol.isalnum():
        return {"error": "No data found for %s" % symbol}
    try:
        found = dicts("SELECT * FROM %s ORDER BY %s" % (name, order))
        if not found:
            return {"error": "No %s data found for %s" % (kind.replace("_", " "), symbol)}
        head = found[0]
        shown = {
            "symbol": head["symbol"], "current_price": head["current_price"], "ttc": head["ttc_seconds"],
            "event_ticker": head["event_ticker"], "market_title": head["market_title"],
            "strike_tier": head["strike_tier"], "market_status": head["market_status"],
            "strikes": [{column: line[column] for column in STRIKE_COLUMNS.split(", ")} for line in found],
        }
        if "momentum_weighted_score" in head:
            shown["momentum"] = {"weighted_score": head["momentum_weighted_score"] or 0.0}
        return shown
    except Exception as failure:
        return {"error": "Error loading %s for %s from PostgreSQL: %s" % (kind, symbol, failure)}


def strike_table(symbol):
    return _table("strike_table", symbol, "strike")


def watchlist(symbol):
    return _table("watchlist", symbol, "probability DESC")


def time_to_close(symbol):
    try:
        found = row(
            "SELECT ttc_seconds, event_ticker, market_title, market_status FROM live_data.strike_table_btc"
            " WHERE market_status = 'active' ORDER BY ttc_seconds LIMIT 1"
        )
        ttc, event, title, status = found or (0, None, None, "no_active_markets")
        return {"ttc_seconds": ttc, "event_ticker": event, "market_title": title, "market_status": status, "symbol": symbol.upper()}
    except Exception as failure:
        return {"error": "Error getting unified TTC: %s" % failure}


def health(with_capacity):
    """The row is read by position: a thirteenth column, or another order, is a failure."""
    try:
        found = row("SELECT * FROM system.health_status WHERE id = 1")
        if not found:
            return {"error": "No health data available"}
        (_, overall, cpu, memory, disk, database, supervisor, healthy, total, failed, _details, at) = found
        shown = {
            "overall_status": overall, "cpu_percent": cpu, "memory_percent": memory, "disk_percent": disk,
            "database_status": database, "supervisor_status": supervisor, "services_healthy": healthy,
            "services_total": total, "failed_services": failed or [], "timestamp": at,
        }
        if with_capacity:
            space = shutil.disk_usage("/")
            shown.update(disk_total_gb=round(space.total / 2**30, 1), disk_free_gb=round(space.free / 2**30, 1))
        return shown
    except Exception as failure:
        print("[SYSTEM HEALTH] %s" % failure, flush=True)
        return {"error": "Database error" if with_capacity else "Failed to get system health information"}
