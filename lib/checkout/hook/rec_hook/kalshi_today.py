"""Reads today's Kalshi for a checkout that knows the Kalshi of 2025. Only where REC_SHIMS names kalshi-today, which a
person chose; only answers to GET, and only what is read: markets, events and the portfolio. No request is changed, and
nothing that places or changes an order is touched: orders still go where the checkout sends them.

In 2026 Kalshi replaced whole cents and whole contracts (yes_bid, count) by decimal strings (yes_bid_dollars, count_fp) and
left out `subtitle`, which the checkout takes the strike from. The old names are added beside the new ones; a name that is
there already stays as it is.
"""
import json
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from urllib.parse import urlsplit

from rec_hook import asked_hosts, settings

NAME = "kalshi-today"
_READ = re.compile(r"^/trade-api/v2/(events|markets|portfolio/(positions|fills|orders|settlements|balance))(/|$)")
#: A price that falls between two cents must never look better than it is.
_ROUNDING = {"yes_bid": ROUND_FLOOR, "no_bid": ROUND_FLOOR, "yes_ask": ROUND_CEILING, "no_ask": ROUND_CEILING}
#: REST counts money in cents, the websocket in hundredths of a cent.
CENTS, CENTICENTS = 100, 10_000


def _number(text):
    try:
        number = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        return None
    return number if number.is_finite() else None


def _amount(name, text, unit):
    number = _number(text)
    if number is None:
        return None
    return int((number * unit).to_integral_value(_ROUNDING.get(name, ROUND_HALF_UP)))


def _count(text):
    number = _number(text)
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _strike_words(market):
    """"$118,000 or above", as `subtitle` had it."""
    words = market.get("yes_sub_title")
    if isinstance(words, str) and " or above" in words:
        return words
    floor = _number(market.get("floor_strike"))
    if floor is None or market.get("strike_type") not in ("greater", "greater_or_equal"):
        return None
    return "${:,} or above".format(int(floor.to_integral_value(ROUND_CEILING)))


def translated(value, unit=CENTS):
    """The same with the names of 2025 beside those of today. Pure."""
    if isinstance(value, list):
        return [translated(one, unit) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: translated(one, unit) for name, one in value.items()}
    for name, one in value.items():
        old, made = None, None
        if name.endswith("_dollars"):
            old = name[: -len("_dollars")]
            made = _amount(old, one, unit)
        elif name.endswith("_fp"):
            old = name[: -len("_fp")]
            made = _count(one)
        if old and made is not None:
            found.setdefault(old, made)
    if "floor_strike" in value and "subtitle" not in value:
        words = _strike_words(value)
        if words is not None:
            found["subtitle"] = words
    if "fill_id" in value:
        found.setdefault("trade_id", value["fill_id"])
    return found


def _is_read(request, response):
    if (request.method or "").upper() != "GET" or response.status_code != 200 or not asked_hosts.is_exchange(request.url):
        return False
    return _READ.match(urlsplit(request.url).path) is not None


def read_requests(module):
    if NAME not in settings.shims():
        return
    real = module.Session.send

    def send(self, request, **named):
        response = real(self, request, **named)
        try:
            if not named.get("stream") and _is_read(request, response):
                response._content = json.dumps(translated(response.json())).encode()
                response.encoding = "utf-8"
        except Exception as failure:
            settings.tell("An answer of Kalshi was left as it came: %r" % failure)
        return response

    send.__wrapped__ = real
    module.Session.send = send


def _frame(text):
    """A message about a position, with its old names; everything else as it came."""
    if not isinstance(text, str) or '"market_position"' not in text:
        return text
    try:
        frame = json.loads(text)
        if not isinstance(frame, dict) or frame.get("type") != "market_position":
            return text
        return json.dumps({**frame, "msg": translated(frame.get("msg"), CENTICENTS)})
    except ValueError:
        return text


def _read_frames(kind):
    real = kind.recv

    async def recv(self, *positional, **named):
        return _frame(await real(self, *positional, **named))

    recv.__wrapped__ = real
    kind.recv = recv


def read_websockets_legacy(module):
    if NAME in settings.shims():
        _read_frames(module.WebSocketClientProtocol)


def read_websockets(module):
    if NAME in settings.shims():
        _read_frames(module.ClientConnection)
