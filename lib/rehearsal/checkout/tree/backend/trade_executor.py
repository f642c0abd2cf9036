"""Stand-in of trade_executor: turns a ticket into an order at the exchange.

The order itself goes out through `requests` and nothing else, from inside a Flask request where Flask is there: that is
where an order gate stands, and what it reads the ticket from. Without `requests` no order is sent at all.
"""
import io
import threading
import uuid

from backend.core.port_config import get_port, get_port_info
from backend.standin import client, exchange, web
from backend.util.trade_logger import log_trade_event

try:
    import requests
except ImportError:
    requests = None
try:
    import flask
except ImportError:
    flask = None

PORT = get_port("trade_executor")
app = web.App("trade_executor")
inside = flask.Flask(__name__) if flask else None


def say(ticket, message):
    print("[%s] %s" % (ticket, message), flush=True)
    log_trade_event(ticket, message, service="trade_executor")


def tell_manager(data, ticket, status, words):
    named = {"id": data["id"]} if data.get("id") else {"ticket_id": ticket}
    body = {**named, "status": status, ("success_message" if status == "accepted" else "error_message"): words}

    def tell():
        try:
            client.post("http://localhost:%d/api/update_trade_status" % get_port("trade_manager"), body)
        except Exception as failure:
            print("The manager was not told: %s" % failure, flush=True)

    threading.Thread(target=tell, daemon=True).start()


def post_order(request, order, headers):
    if requests is None:
        raise RuntimeError("requests is not installed, and no order is sent any other way")
    url = exchange.base_url() + "/portfolio/orders"
    if inside is None:
        return requests.post(url, headers=headers, json=order, timeout=10)
    environ = {**request.environ, "wsgi.input": io.BytesIO(request.body)}
    with inside.request_context(environ):
        return requests.post(url, headers=headers, json=order, timeout=10)


@app.route("POST", "/trigger_trade")
def trigger_trade(request):
    data = request.json()
    ticket = data.get("ticket_id", "UNKNOWN")
    try:
        say(ticket, "RECEIVED TICKET")
        order = {
            "ticker": data.get("ticker"),
            "side": "yes" if data.get("side", "yes") in ("Y", "yes") else "no",
            "type": data.get("type", "market"),
            "count": data.get("count", data.get("position", 1)),
            "time_in_force": "fill_or_kill",
            "action": "buy",
            "client_order_id": str(uuid.uuid4()),
        }
        headers = exchange.signed_headers("POST", "/portfolio/orders")
        # The headers go into the log, the signature with them, as they do at REC.IO's.
        say(ticket, "REQUEST HEADERS: %r" % headers)
        try:
            answer = post_order(request, order, headers)
        except OSError as failure:  # what `requests` raises is one
            say(ticket, "REQUEST FAILED: %s" % failure)
            tell_manager(data, ticket, "error", "timeout: %s" % failure)
            return {"status": "rejected", "error": "timeout: %s" % failure}, 500
        say(ticket, "RESPONSE STATUS: %d" % answer.status_code)
        if answer.status_code >= 400:
            tell_manager(data, ticket, "error", answer.text)
            return {"status": "rejected", "error": answer.text}, answer.status_code
        tell_manager(data, ticket, "accepted", answer.text)
        return {"status": "sent", "message": "Trade sent successfully"}
    except Exception as failure:
        # Without credentials it ends here, and the manager is never told: the trade stays pending for ever.
        say(ticket, "ERROR: %s" % failure)
        return {"error": str(failure)}, 500


app.route("GET", "/health")(lambda _: web.healthy("trade_executor", PORT))
app.route("GET", "/api/ports")(lambda _: get_port_info())
app.route("GET", "/api/system_status")(lambda _: {"status": "online", "service": "trade_executor", "port": PORT})

if __name__ == "__main__":
    web.server(app, "0.0.0.0", PORT).serve_forever()
