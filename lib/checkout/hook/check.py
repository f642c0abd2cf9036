"""Asks this interpreter two things and prints one JSON object on stdout.

`check.py needed`     Which shims does it need? Run without the hook: every defect is shown by doing the thing itself.
                      {"websockets-additional-headers": "needed" | "not needed" | "absent", "fastapi-lifespan": ...}
`check.py self-test`  Did the hook take? Run with the environment of a program.
                      {"checks": [{"name", "ok", "says"}], "ok": bool}. Reads only; opens one session of REC.IO's role.
"""
import asyncio
import json
import os
import sys


async def _headers_arrive():
    import websockets

    arrived = []

    async def answer(connection, *_path):
        headers = getattr(connection, "request_headers", None)
        if headers is None:
            headers = connection.request.headers
        arrived.append(headers.get("X-Rec-Check"))

    async with websockets.serve(answer, "127.0.0.1", 0) as server:
        sockets = getattr(server, "sockets", None) or server.server.sockets
        port = sockets[0].getsockname()[1]
        connection = await websockets.connect(
            "ws://127.0.0.1:%d/" % port, additional_headers={"X-Rec-Check": "seen"}, open_timeout=5
        )
        await connection.wait_closed()
    return arrived == ["seen"]


def websockets_additional_headers():
    """True where websockets.connect(additional_headers=...) sends them. Raises ImportError where it is absent."""
    import websockets  # noqa: F401
    try:
        return asyncio.run(asyncio.wait_for(_headers_arrive(), 10))
    except (TypeError, asyncio.TimeoutError, OSError):
        return False


def fastapi_lifespan():
    """True where FastAPI(lifespan=...) runs the handler. Raises ImportError where FastAPI is absent."""
    from contextlib import asynccontextmanager
    from fastapi import FastAPI

    ran = []

    @asynccontextmanager
    async def handler(_app):
        ran.append("started")
        yield
        ran.append("ended")

    async def live():
        events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive():
            return events.pop(0)

        async def send(_event):
            return None

        await FastAPI(lifespan=handler)({"type": "lifespan", "state": {}}, receive, send)

    asyncio.run(asyncio.wait_for(live(), 10))
    return ran == ["started", "ended"]


SHIMS = {
    "websockets-additional-headers": websockets_additional_headers,
    "fastapi-lifespan": fastapi_lifespan,
}


def needed():
    answers = {}
    for name, works in SHIMS.items():
        try:
            answers[name] = "not needed" if works() else "needed"
        except ImportError:
            answers[name] = "absent"
    return answers


def hook_is_live():
    from rec_hook import imports
    return any(getattr(finder, "__name__", "") == "_Finder" for finder in sys.meta_path), imports.__file__


def database():
    import psycopg2

    # The parameters are the ones that the checkout's source names; the hook must lead them to the installation.
    connection = psycopg2.connect(
        host="localhost", database="rec_io_db", user="rec_io_user", password="the hook replaces this"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database(), current_user, current_setting('application_name')")
            found = cursor.fetchone()
    finally:
        connection.close()
    right = found[0] == os.environ["REC_DB_NAME"] and found[1] == os.environ["REC_DB_USER"] and found[2][:4] == "rec:"
    return right, "database %s as %s, %s" % found


def foreign_database():
    import psycopg2
    try:
        psycopg2.connect(host="192.0.2.1", database="rec_io_db", user="rec_io_user", connect_timeout=1)
    except psycopg2.OperationalError as failure:
        return "rec-hook: refused" in str(failure), str(failure).strip()
    return False, "it was let through"


def _free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def socket_floor():
    import socket
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", _free_port()))
        address = listener.getsockname()[0]
    return address == "127.0.0.1", "0.0.0.0 became %s" % address


def uvicorn_listener():
    import uvicorn
    host = uvicorn.Config(lambda scope: None, host="0.0.0.0", port=1, log_config=None).host
    return host == "127.0.0.1", "0.0.0.0 became %s" % host


def werkzeug_listener():
    from werkzeug.serving import make_server
    server = make_server("0.0.0.0", _free_port(), lambda environ, start: [])
    try:
        return server.server_address[0] == "127.0.0.1", "0.0.0.0 became %s" % server.server_address[0]
    finally:
        server.server_close()


def account_mode():
    from backend.account_mode import get_account_mode
    with open(os.environ["REC_ACCOUNT_MODE_FILE"], encoding="utf-8") as file:
        written = json.load(file).get("mode")
    shown = get_account_mode()
    return get_account_mode.__module__ == "rec_hook.account_mode" and shown == written, "the mode is %s" % shown


def supervisor_paths():
    from backend.util.paths import get_supervisor_config_path, get_supervisorctl_path
    found = get_supervisor_config_path(), get_supervisorctl_path()
    return list(found) == [os.environ["REC_SUPERVISOR_CONF"], os.environ["REC_SUPERVISORCTL"]], "%s, %s" % found


def order_gate():
    from requests.adapters import HTTPAdapter
    from requests.sessions import Session
    marks = [getattr(place.send, "rec_hook", None) for place in (Session, HTTPAdapter)]
    return marks == ["order-gate", "order-gate"], "Session.send and HTTPAdapter.send ask the order lock"


CHECKS = [
    ("hook", hook_is_live),
    ("database", database),
    ("foreign database", foreign_database),
    ("socket", socket_floor),
    ("uvicorn", uvicorn_listener),
    ("werkzeug", werkzeug_listener),
    ("account mode", account_mode),
    ("supervisor paths", supervisor_paths),
    ("order gate", order_gate),
    ("websockets additional_headers", lambda: (websockets_additional_headers(), "the header arrives")),
    ("fastapi lifespan", lambda: (fastapi_lifespan(), "the handler runs")),
]


def self_test():
    checks = []
    for name, check in CHECKS:
        try:
            ok, says = check()
        except Exception as failure:
            ok, says = False, "%s: %s" % (type(failure).__name__, str(failure).strip().split("\n")[0][:300])
        checks.append({"name": name, "ok": bool(ok), "says": str(says)})
    return {"checks": checks, "ok": all(check["ok"] for check in checks)}


if __name__ == "__main__":
    # Whatever the checkout's modules print while they are imported must not mix with the answer.
    out, sys.stdout = sys.stdout, sys.stderr
    question = sys.argv[1] if len(sys.argv) > 1 else ""
    if question not in ("needed", "self-test"):
        sys.stderr.write("usage: check.py needed | self-test\n")
        sys.exit(64)
    json.dump(needed() if question == "needed" else self_test(), out)
    out.write("\n")
