"""Settings as REC.IO keeps them: read with silent defaults, written with failures that are only printed, and cached for
a second, so that one failed read can be written back as a default.
"""
import time

from backend.standin.database import cursor, row

AUTO_COLUMNS = (
    "auto_entry", "auto_stop", "min_probability", "min_differential", "min_time", "max_time", "allow_re_entry",
    "spike_alert_enabled", "spike_alert_momentum_threshold", "spike_alert_cooldown_threshold",
    "spike_alert_cooldown_minutes", "current_probability", "min_ttc_seconds", "momentum_spike_enabled",
    "momentum_spike_threshold",
)
AUTO_DEFAULTS = dict(zip(AUTO_COLUMNS, (False, False, 95, 0.25, 120, 900, False, True, 36, 30, 15, 40, 60, True, 36)))
TRADE_DEFAULTS = {"trade_strategy": "Hourly HTC", "position_size": 1, "multiplier": 1}
HISTORY_COLUMNS = (
    "date_filter", "custom_date_start", "custom_date_end", "win_filter", "loss_filter", "sort_key", "sort_asc",
    "page_size", "last_search_timestamp",
)
HISTORY_DEFAULTS = dict(zip(HISTORY_COLUMNS, ("TODAY", None, None, True, True, None, True, 50, 0)))

_cache = {"at": 0.0, "preferences": None}


def _read(table, columns, defaults):
    try:
        found = row("SELECT %s FROM users.%s WHERE id = 1" % (", ".join(columns), table))
        return dict(zip(columns, found)) if found else dict(defaults)
    except Exception as failure:
        print("[PostgreSQL Error] %s was not read: %s" % (table, failure), flush=True)
        return dict(defaults)


def auto_trade_settings():
    settings = _read("auto_trade_settings_0001", AUTO_COLUMNS, AUTO_DEFAULTS)
    settings["min_differential"] = float(settings["min_differential"] or 0.25)
    return settings


def trade_preferences():
    return _read("trade_preferences_0001", ("trade_strategy", "position_size", "multiplier"), TRADE_DEFAULTS)


def history_preferences():
    return _read("trade_history_preferences_0001", HISTORY_COLUMNS, HISTORY_DEFAULTS)


def _upsert(table, values):
    """Failures end here: the caller answers "ok" all the same."""
    try:
        with cursor() as made:
            made.execute("DELETE FROM users.%s WHERE id > 1" % table)
            columns = list(values)
            made.execute(
                "INSERT INTO users.%s (id, %s, updated_at) VALUES (1, %s, CURRENT_TIMESTAMP) ON CONFLICT (id) DO UPDATE SET %s"
                % (
                    table, ", ".join(columns), ", ".join(["%s"] * len(columns)),
                    ", ".join("%s = EXCLUDED.%s" % (name, name) for name in columns + ["updated_at"]),
                ),
                list(values.values()),
            )
    except Exception as failure:
        print("[PostgreSQL Error] %s was not written: %s" % (table, failure), flush=True)


def write_auto_trade_settings(**values):
    """UPDATE where there is a row, else an INSERT with defaults."""
    try:
        with cursor() as made:
            made.execute("DELETE FROM users.auto_trade_settings_0001 WHERE id > 1")
            made.execute("SELECT count(*) FROM users.auto_trade_settings_0001 WHERE id = 1")
            if made.fetchone()[0]:
                sets = ", ".join("%s = %%s" % name for name in values)
                made.execute(
                    "UPDATE users.auto_trade_settings_0001 SET %s, updated_at = CURRENT_TIMESTAMP WHERE id = 1" % sets,
                    list(values.values()),
                )
                return
            merged = {"id": 1, **AUTO_DEFAULTS, "auto_entry_status": "disabled", "user_id": "0001", "cooldown_timer": 0, **values}
            made.execute(
                "INSERT INTO users.auto_trade_settings_0001 (%s) VALUES (%s)"
                % (", ".join(merged), ", ".join(["%s"] * len(merged))),
                list(merged.values()),
            )
    except Exception as failure:
        print("[PostgreSQL Error] auto_trade_settings_0001 was not written: %s" % failure, flush=True)


def write_trade_preferences(**values):
    _upsert("trade_preferences_0001", values)


def write_history_preferences(changes):
    wanted = {**history_preferences(), **changes, "last_search_timestamp": int(time.time())}
    _upsert("trade_history_preferences_0001", {name: wanted[name] for name in HISTORY_COLUMNS})
    return wanted


def _all_preferences():
    """One missing column anywhere and all of them are defaults, auto_stop true among them."""
    try:
        auto = row("SELECT auto_entry, auto_stop FROM users.auto_trade_settings_0001 WHERE id = 1")
        trade = row("SELECT trade_strategy, position_size, multiplier FROM users.trade_preferences_0001 WHERE id = 1")
        return {
            "auto_stop": auto[1] if auto else True,
            "auto_entry": auto[0] if auto else False,
            "position_size": trade[1] if trade else 1,
            "multiplier": trade[2] if trade else 1,
        }
    except Exception as failure:
        print("[PostgreSQL Error] preferences were not read: %s" % failure, flush=True)
        return {"auto_stop": True, "auto_entry": False, "diff_mode": False, "position_size": 1, "multiplier": 1}


def preferences():
    if _cache["preferences"] is None or time.time() - _cache["at"] >= 1.0:
        _cache.update(at=time.time(), preferences=_all_preferences())
    return dict(_cache["preferences"])


def save_preferences(wanted):
    """Writes every preference back, whichever was changed: what was read as a default becomes the setting."""
    write_auto_trade_settings(auto_stop=bool(wanted.get("auto_stop", True)), auto_entry=bool(wanted.get("auto_entry", False)))
    write_trade_preferences(position_size=wanted.get("position_size", 1), multiplier=wanted.get("multiplier", 1))
    _cache.update(at=time.time(), preferences=dict(wanted))
