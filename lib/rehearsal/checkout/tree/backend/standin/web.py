"""A web application of routes. werkzeug serves it where it is there (what guards werkzeug then guards us too), else the
standard library does.
"""
import datetime
import decimal
import json
import re
import traceback
from urllib.parse import parse_qs

PHRASES = {200: "OK", 201: "Created", 307: "Temporary Redirect", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}


class Reply:
    def __init__(self, body, status=200, kind="application/json", headers=()):
        self.status, self.kind, self.headers = status, kind, list(headers)
        self.body = body if isinstance(body, bytes) else body.encode()


class Request:
    def __init__(self, environ, parameters):
        self.environ, self.parameters = environ, parameters
        self.method = environ["REQUEST_METHOD"]
        self.query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.body = environ["wsgi.input"].read(length) if length else b""

    def json(self):
        return json.loads(self.body or b"{}")


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    raise TypeError("%r has no JSON form" % type(value))


def as_json(value, status=200):
    return Reply(json.dumps(value, default=plain), status)


def redirect(to):
    return Reply(b"", 307, "text/plain", [("Location", to)])


class App:
    def __init__(self, name):
        self.name, self.routes = name, []

    def route(self, method, path):
        pattern = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")

        def register(function):
            self.routes.append((method, pattern, function))
            return function

        return register

    def answer(self, environ):
        path, known = environ.get("PATH_INFO", "/"), False
        for method, pattern, function in self.routes:
            match = pattern.match(path)
            if match is None:
                continue
            known = True
            if method != environ["REQUEST_METHOD"]:
                continue
            try:
                got = function(Request(environ, match.groupdict()))
            except Exception as failure:
                traceback.print_exc()
                return as_json({"error": str(failure)}, 500)
            if isinstance(got, Reply):
                return got
            return as_json(*got) if isinstance(got, tuple) else as_json(got)
        return as_json({"detail": "Method Not Allowed" if known else "Not Found"}, 405 if known else 404)

    def __call__(self, environ, start_response):
        reply = self.answer(environ)
        headers = [("Content-Type", reply.kind), ("Content-Length", str(len(reply.body))), ("Access-Control-Allow-Origin", "*")]
        start_response("%d %s" % (reply.status, PHRASES.get(reply.status, "Other")), headers + reply.headers)
        return [reply.body]


def _standard_server(host, port, app):
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Threading(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Silent(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    return make_server(host, port, app, Threading, Silent)


def server(app, host, port):
    """A server that listens already; the program calls its serve_forever()."""
    try:
        from werkzeug import serving
    except ImportError:
        return _standard_server(host, port, app)

    class Silent(serving.WSGIRequestHandler):
        def log_request(self, *_):
            pass

    return serving.make_server(host, port, app, threaded=True, request_handler=Silent)


def healthy(service, port):
    """The constant that says nothing: whatever happens, a program that answers calls itself healthy."""
    now = datetime.datetime.now().isoformat()
    return {"status": "healthy", "service": service, "port": port, "timestamp": now, "port_system": "centralized"}
