"""Shows REC.IO an account mode (demo or prod) of the installation's own, REC_ACCOUNT_MODE_FILE.

The checkout keeps its mode in a file that git tracks, which says prod, and takes a missing file for prod as well. Here
anything but a readable "prod" is demo: a lost file must never turn play money into real money.
"""
import json

from rec_hook import settings


def get_account_mode():
    try:
        with open(settings.value("REC_ACCOUNT_MODE_FILE"), encoding="utf-8") as file:
            return "prod" if json.load(file).get("mode") == "prod" else "demo"
    except Exception:
        return "demo"


def set_account_mode(mode):
    if mode not in ("prod", "demo"):
        raise ValueError("Invalid mode")
    path = settings.value("REC_ACCOUNT_MODE_FILE")
    if not path:
        raise RuntimeError("rec-hook: REC_ACCOUNT_MODE_FILE is not set, so the account mode stays demo")
    settings.write_whole(path, json.dumps({"mode": mode}))


def redirect(module):
    module.get_account_mode = get_account_mode
    module.set_account_mode = set_account_mode
    # A global of the checkout's module that says prod; nothing reads it at 26c9406, and nothing may be misled by it.
    module.account_mode_state = {"mode": get_account_mode()}
