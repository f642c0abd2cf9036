"""Writes down which of Kalshi's hosts this program really asked: REC_ASKED_HOSTS/<program>.json {host: Unix seconds}.

That demo is demo is proven by this and not by a setting. At most one write in 5 seconds a host; never a path, a query
or a header.
"""
import json
import os
import threading
import time
from urllib.parse import urlsplit

from rec_hook import settings

_EVERY_SECONDS = 5
_DOMAINS = ("kalshi.com", "kalshi.co")
_seen = None
_lock = threading.Lock()


def is_kalshi(host):
    return any(host == domain or host.endswith("." + domain) for domain in _DOMAINS)


def _earlier(path):
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        return {str(host): float(at) for host, at in kept.items()}
    except Exception:
        return {}


def note(url):
    """Notes the host of a URL, if it is one of Kalshi's. Never fails: it must not keep a request from going out."""
    global _seen
    try:
        host = (urlsplit(str(url)).hostname or "").rstrip(".").lower()
        folder = settings.value("REC_ASKED_HOSTS")
        if not folder or not is_kalshi(host):
            return
        path, now = os.path.join(folder, settings.program() + ".json"), time.time()
        with _lock:
            if _seen is None:
                _seen = _earlier(path)
            if 0 <= now - _seen.get(host, 0) < _EVERY_SECONDS:
                return
            # Cut and not rounded: a moment noted as later than now would count as a clock that was set back.
            _seen[host] = int(now * 1000) / 1000
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
