"""Writes down which of the exchange's hosts this program really asked: REC_ASKED_HOSTS/<program>.json {host: Unix seconds}.

That demo is demo is proven by this and not by a setting. A request is noted under its bare host, a websocket under
ws://host or wss://host. Whatever is Kalshi's is noted, and besides it the places that REC_EXCHANGE_HOSTS names
(comma list of host or host:port): an exchange can be asked elsewhere. At most one write in 5 seconds a host; never a
path, a query or a header.
"""
import json
import os
import threading
import time
from urllib.parse import urlsplit

from rec_hook import settings

_EVERY_SECONDS = 5
_DOMAINS = ("kalshi.com", "kalshi.co")
_OWN_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_seen = None
_written = {}
_lock = threading.Lock()


def is_kalshi(host):
    return any(host == domain or host.endswith("." + domain) for domain in _DOMAINS)


def _named(url):
    """The name under which a URL is noted, or None where it is not the exchange's."""
    parts = urlsplit(str(url))
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".").lower()
    if not is_kalshi(host):
        host = "[%s]" % host if ":" in host else host
        if parts.port not in (None, _OWN_PORTS.get(scheme)):
            host = "%s:%d" % (host, parts.port)
        known = {name.strip().lower() for name in (settings.value("REC_EXCHANGE_HOSTS") or "").split(",")}
        if not host or host not in known:
            return None
    return "%s://%s" % (scheme, host) if scheme in ("ws", "wss") else host


def is_exchange(url):
    """True for a URL of Kalshi's, or of a place that stands in for it here."""
    return _named(url) is not None


def _earlier(path):
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        return {str(host): float(at) for host, at in kept.items()}
    except Exception:
        return {}


def note(url):
    """Notes the host of a URL, if it is one of the exchange's. Never fails: it must not keep a request from going out."""
    global _seen
    try:
        folder = settings.value("REC_ASKED_HOSTS")
        host = _named(url) if folder else None
        if host is None:
            return
        path, now = os.path.join(folder, settings.program() + ".json"), time.time()
        with _lock:
            if _seen is None:
                _seen = _earlier(path)
            # What an earlier process asked a moment ago is no word of this one's.
            if 0 <= now - _written.get(host, 0) < _EVERY_SECONDS:
                return
            # Cut and not rounded: a moment noted as later than now would count as a clock that was set back.
            _seen[host] = _written[host] = int(now * 1000) / 1000
            settings.write_whole(path, json.dumps(_seen))
    except Exception:
        return


def watch_requests(module):
    real = module.Session.send

    def send(self, request, **named):
        note(request.url)
        return real(self, request, **named)

    send.__wrapped__ = real
    module.Session.send = send


def watch_urllib(module):
    real = module.OpenerDirector.open

    def open(self, fullurl, *positional, **named):
        note(getattr(fullurl, "full_url", fullurl))
        return real(self, fullurl, *positional, **named)

    open.__wrapped__ = real
    module.OpenerDirector.open = open


def _watch(connect):
    real = connect.__init__

    def __init__(self, uri, *positional, **named):
        note(uri)
        real(self, uri, *positional, **named)

    __init__.__wrapped__ = real
    connect.__init__ = __init__


def watch_websockets_legacy(module):
    _watch(module.Connect)


def watch_websockets(module):
    _watch(module.connect)
