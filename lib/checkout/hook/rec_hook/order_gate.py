"""Asks the order lock before any order leaves the machine: `order_lock.may_send(kind, how, ticket, payload)`.

Closed when in doubt: a refusal, an unreadable answer, a missing function and an unreachable database all raise
`requests.exceptions.ConnectionError`, which the executor already handles (the trade becomes "error").
Every way that `requests` offers ends in `Session.send`; the adapter below it is guarded as well, for a caller that
mounts and uses one directly. Cancelling (DELETE) is let through: it takes an order back.
"""
import json
import re
from urllib.parse import unquote, urlsplit

from rec_hook import order_lock, settings

_ORDERS = re.compile(r"/portfolio/(?:[^?#]*/)?orders?(?:/|$)")
_HARMLESS = {"GET", "HEAD", "OPTIONS", "DELETE"}
_SECRET = re.compile(r"signature|access|authorization|password|secret|private|token", re.I)
_ASKED = "_rec_order_asked"


def is_order(request):
    """True for a prepared request that can place or change an order, whichever host it goes to."""
    if (request.method or "").upper() in _HARMLESS:
        return False
    path = re.sub(r"/+", "/", unquote(urlsplit(request.url or "").path)).lower()
    return _ORDERS.search(path) is not None


def _payload(request):
    """The order as text for the record: the body without anything that looks like a credential; never a header."""
    body = request.body
    if isinstance(body, (bytes, bytearray)):
        body = bytes(body).decode("utf-8", "replace")
    if not isinstance(body, str):
        return None
    try:
        order = json.loads(body)
    except ValueError:
        return "(a body that is not JSON, %d characters)" % len(body)
    if isinstance(order, dict):
        order = {name: value for name, value in order.items() if not _SECRET.search(str(name))}
    return json.dumps(order)[:500]


def _ticket():
    """(kind, how, ticket) from the request that the executor is answering; outside one nothing is known, so "open"."""
    import sys
    flask = sys.modules.get("flask")
    if flask is None or not flask.has_request_context():
        return "open", "unknown", None
    data = flask.request.get_json(silent=True)
    if not isinstance(data, dict):
        return "open", "unknown", None
    kind = "close" if data.get("intent") == "close" else "open"
    how = data.get("entry_method") or data.get("close_method") or "manual"
    ticket = data.get("ticket_id")
    return kind, str(how), None if ticket is None else str(ticket)


def _may_send(request):
    kind, how, ticket = _ticket()
    return order_lock.call("SELECT order_lock.may_send(%s, %s, %s, %s)", (kind, how, ticket, _payload(request))) is True


def _ask(request):
    from requests.exceptions import ConnectionError as Refused
    try:
        allowed, why = _may_send(request), "the order lock holds new orders"
    except Exception as failure:
        allowed, why = False, "the order lock cannot be read (%s)" % str(failure).strip().split("\n")[0][:200]
    if not allowed:
        settings.tell("An order was not sent: %s." % why)
        raise Refused("rec-hook: the order was not sent, %s" % why, request=request)


def guard_session(module):
    real = module.Session.send

    def send(self, request, **named):
        if is_order(request):
            _ask(request)
            setattr(request, _ASKED, True)
        return real(self, request, **named)

    send.__wrapped__ = real
    send.rec_hook = "order-gate"
    module.Session.send = send


def guard_adapter(module):
    real = module.HTTPAdapter.send

    def send(self, request, *positional, **named):
        if is_order(request):
            if getattr(request, _ASKED, False):
                delattr(request, _ASKED)  # One answer is good for one order; a second use is asked again.
            else:
                _ask(request)
        return real(self, request, *positional, **named)

    send.__wrapped__ = real
    send.rec_hook = "order-gate"
    module.HTTPAdapter.send = send
