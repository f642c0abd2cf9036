"""Refuses visitors that are not this machine's own: a foreign Host (DNS rebinding) or a foreign Origin (another site's
page in the person's browser). REC.IO's pages allow every origin and run commands without authentication.

Host: localhost or a loopback address, any port (a tunnel ends on one of its own). Origin, where there is one: the same
host and port as Host, or loopback on one of REC.IO's ports (REC_HTTP_PORTS). A cross-site request without Origin is
let in only as a navigation, so that a link still works.
"""
import json
from urllib.parse import urlsplit

from rec_hook import settings
from rec_hook.listeners import is_loopback


def _host_and_port(authority):
    try:
        parts = urlsplit("//" + authority)
        if parts.username is not None or parts.path or parts.query or parts.fragment:
            return None, None
        return parts.hostname, parts.port
    except ValueError:
        return None, None


def refusal(hosts, origins, fetch_site, fetch_mode):
    """(status, sentence) for a visitor that is refused, or None. `hosts` and `origins` are the header's values."""
    host, port = _host_and_port(hosts[0]) if len(hosts) == 1 else (None, None)
    if host is None or not is_loopback(host):
        return 421, "This address is answered only as localhost."
    if len(origins) > 1:
        return 403, "Pages of other sites may not use this address."
    if origins:
        scheme, _, authority = origins[0].partition("://")
        from_host, from_port = _host_and_port(authority)
        if scheme not in ("http", "https") or from_host is None or not is_loopback(from_host):
            return 403, "Pages of other sites may not use this address."
        default = 443 if scheme == "https" else 80
        same = from_host == host and (from_port or default) == (port or default)
        ours = (settings.value("REC_HTTP_PORTS") or "").split(",")
        if not same and str(from_port or default) not in ours:
            return 403, "Pages of other programs may not use this address."
    elif fetch_site == "cross-site" and fetch_mode != "navigate":
        return 403, "Pages of other sites may not use this address."
    return None


class AsgiGuard:
    """In front of a loaded ASGI 3 application; lifespan events pass."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)

        def values(wanted):
            return [text.decode("latin-1") for name, text in scope["headers"] if name.lower() == wanted]

        site, mode = values(b"sec-fetch-site"), values(b"sec-fetch-mode")
        refused = refusal(values(b"host"), values(b"origin"), site[0] if site else "", mode[0] if mode else "")
        if refused is None:
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        body = json.dumps({"error": refused[1]}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": refused[0], "headers": headers})
        await send({"type": "http.response.body", "body": body})


class WsgiGuard:
    """In front of a WSGI application."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        host, origin = environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN")
        refused = refusal(
            [] if host is None else host.split(","),
            [] if origin is None else origin.split(","),
            environ.get("HTTP_SEC_FETCH_SITE", ""),
            environ.get("HTTP_SEC_FETCH_MODE", ""),
        )
        if refused is None:
            return self.app(environ, start_response)
        body = json.dumps({"error": refused[1]}).encode()
        word = "421 Misdirected Request" if refused[0] == 421 else "403 Forbidden"
        start_response(word, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def guard_uvicorn(module):
    real = module.Config.load

    def load(self):
        real(self)
        self.loaded_app = AsgiGuard(self.loaded_app)

    load.__wrapped__ = real
    module.Config.load = load


def guard_werkzeug(module):
    real = module.make_server  # run_simple looks this name up when it is called

    def make_server(host, port, app=None, *positional, **named):
        return real(host, port, app if isinstance(app, WsgiGuard) else WsgiGuard(app), *positional, **named)

    make_server.__wrapped__ = real
    module.make_server = make_server
