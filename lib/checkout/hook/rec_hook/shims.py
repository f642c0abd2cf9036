"""Bridges to the versions of two libraries that Debian 12 ships. Each is used only where REC_SHIMS names it, and it is
named only where a functional probe (check.py) found the defect.

websockets-additional-headers: websockets 10.4 calls the argument `extra_headers`; kalshi_account_sync says
  `additional_headers` (14 and later), so its feed would never connect.
fastapi-lifespan: FastAPI 0.92 swallows `lifespan=`; trade_manager starts its hourly scheduler in it.
"""
import inspect

from rec_hook import settings


def additional_headers(module):
    if "websockets-additional-headers" not in settings.shims():
        return
    real = module.Connect.__init__
    if "additional_headers" in inspect.signature(real).parameters:
        return

    def __init__(self, *positional, **named):
        if "additional_headers" in named:
            headers = named.pop("additional_headers")
            named.setdefault("extra_headers", headers)
        real(self, *positional, **named)

    __init__.__wrapped__ = real
    module.Connect.__init__ = __init__


def lifespan(module):
    if "fastapi-lifespan" not in settings.shims():
        return
    real = module.FastAPI.__init__
    if "lifespan" in inspect.signature(real).parameters:
        return

    def __init__(self, *positional, **named):
        handler = named.pop("lifespan", None)
        real(self, *positional, **named)
        if handler is not None:
            self.router.lifespan_context = handler

    __init__.__wrapped__ = real
    module.FastAPI.__init__ = __init__
