"""Which of Kalshi's environments is used. Anything unreadable means prod, as in REC.IO."""
import json
import os

from backend.util.paths import get_data_dir


def _file():
    return os.path.join(get_data_dir(), "account_mode_state.json")


def get_account_mode():
    try:
        with open(_file(), encoding="utf-8") as file:
            return json.load(file).get("mode", "prod")
    except Exception:
        return "prod"


def set_account_mode(mode):
    if mode not in ("prod", "demo"):
        raise ValueError("Invalid mode")
    with open(_file(), "w", encoding="utf-8") as file:
        json.dump({"mode": mode}, file)
