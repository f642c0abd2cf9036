"""Binds REC.IO's servers to loopback. Its source says 0.0.0.0, and its pages run commands without authentication.

The frameworks are told first, so that their own log lines stay honest; the socket is the floor under every other server
(http.server, raw sockets). UDP and port 0 (a client's own end) are left alone.
"""
import ipaddress

from rec_hook import settings


def address():
    """Where listeners go: REC_HTTP_BIND, else 127.0.0.1."""
    return settings.value("REC_HTTP_BIND", "127.0.0.1")


def is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except (ValueError, AttributeError):
        return False


def _tame(host):
    """A host to listen on, replaced unless it is loopback; None and paths of unix sockets mean no TCP address."""
    if host is None or not isinstance(host, str) or host.startswith("unix://") or is_loopback(host):
        return host
    return address()


def guard_uvicorn(module):
    real = module.Config.__init__

    def __init__(self, *positional, **named):
        real(self, *positional, **named)
        self.host = _tame(self.host)

    __init__.__wrapped__ = real
    module.Config.__init__ = __init__


def guard_werkzeug(module):
    def tamed(real):
        def serve(*positional, **named):
            if positional:
                positional = (_tame(positional[0]),) + positional[1:]
            for name in ("hostname", "host"):
                if name in named:
                    named[name] = _tame(named[name])
            return real(*positional, **named)

        serve.__wrapped__ = real
        return serve

    for name in ("run_simple", "make_server"):
        setattr(module, name, tamed(getattr(module, name)))


def guard_socket(module):
    real = module.socket.bind

    def bind(self, where):
        if self.type == module.SOCK_STREAM and self.family in (module.AF_INET, module.AF_INET6):
            host, port = where[0], where[1]
            if port != 0 and not is_loopback(host):
                where = (address() if self.family == module.AF_INET else "::1",) + tuple(where[1:])
        return real(self, where)

    module.socket.bind = bind
