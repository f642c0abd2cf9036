"""Keeps system_monitor from switching on what was not on before.

When a program comes back by any other means than the monitor's own restart, the monitor posts enabled=true for automated
entry and stop without asking what they were (system_monitor.py:881 and 892 at 26c9406). It does read the preferences when
it suspends trading: what it saw then is remembered here, and only a true is given back as true. Each try is written down
among the attempts of the order lock, in the monitor's name.
"""
import json
from urllib.parse import urlsplit

from rec_hook import order_lock, settings

_FLAGS = {"/api/set_auto_entry": "auto_entry", "/api/set_auto_stop": "auto_stop"}
_before = {}


def _wants_true(request):
    body = request.body
    if isinstance(body, (bytes, bytearray)):
        body = bytes(body).decode("utf-8", "replace")
    try:
        return bool(json.loads(body or "{}").get("enabled"))
    except (ValueError, AttributeError):
        return True  # What cannot be read is not let through as it is.


def _write_down(flag):
    """The attempt is held whether or not it can be written down."""
    try:
        order_lock.call("SELECT order_lock.monitor_wanted(%s)", (flag,))
    except Exception as failure:
        settings.tell("That the monitor wanted %s on could not be written down: %s." % (flag, str(failure).strip().split("\n")[0][:200]))


def hold(module):
    if settings.program() != "system_monitor":
        return
    real = module.Session.send

    def send(self, request, **named):
        path, method = urlsplit(request.url or "").path, (request.method or "").upper()
        if method == "GET" and path == "/api/get_preferences":
            _before.clear()  # An answer that does not come leaves nothing remembered, and nothing is armed.
            response = real(self, request, **named)
            if response.status_code == 200:
                seen = response.json()
                _before.update({flag: seen.get(flag) for flag in _FLAGS.values()} if isinstance(seen, dict) else {})
            return response
        flag = _FLAGS.get(path)
        if method == "POST" and flag and _wants_true(request) and _before.get(flag) is not True:
            settings.tell("The monitor wanted %s on, which was not on before: it stays off." % flag)
            _write_down(flag)
            request.prepare_body(data=None, files=None, json={"enabled": False})
        return real(self, request, **named)

    send.__wrapped__ = real
    module.Session.send = send
