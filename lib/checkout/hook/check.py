"""Asks this interpreter one of three things and prints one JSON object on stdout.

`check.py needed`     Which shims does it need? Run without the hook: every defect is shown by doing the thing itself.
                      {"websockets-additional-headers": "needed" | "not needed" | "absent", "fastapi-lifespan": ...}
`check.py self-test`  Did the hook take? Run with the environment of a program.
                      {"checks": [{"name", "ok", "says"}], "ok": bool}. Reads only; opens one session of REC.IO's role.
`check.py cost`       What does the hook add to a start? Run with the environment of a program.
                      {"withMs", "withoutMs", "costMs"}, milliseconds of CPU.
"""
import importlib.util
import json
import os
import sys

from rec_hook.defects import fastapi_lifespan, needed, websockets_additional_headers


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


def _is_here(module):
    return importlib.util.find_spec(module) is not None


def _without(module):
    """What a check says where the checkout does without a framework: what is not here lets nobody in and sends nothing."""
    return True, "%s is not here, so no program uses it" % module


def uvicorn_listener():
    if not _is_here("uvicorn"):
        return _without("uvicorn")
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


def _uvicorn_guard():
    import uvicorn
    config = uvicorn.Config(_empty_application, log_config=None)
    config.load()
    return type(config.loaded_app).__name__


def visitors():
    from rec_hook.visitors import refusal
    from werkzeug.serving import make_server
    server = make_server("127.0.0.1", 0, lambda environ, start: [])
    server.server_close()
    both = _is_here("uvicorn")
    marks = [type(server.app).__name__, _uvicorn_guard() if both else "AsgiGuard"]
    foreign = [refusal(["evil.example:3000"], [], "", ""), refusal(["localhost:3000"], ["http://evil.example"], "", "")]
    return marks == ["WsgiGuard", "AsgiGuard"] and all(foreign), "%s a foreign Host and a foreign Origin" % (
        "both servers refuse" if both else "werkzeug refuses"
    )


async def _empty_application(_scope, _receive, _send):
    return None


_TODAY = {"markets": [{"floor_strike": 117999.99, "yes_sub_title": "$118,000 or above", "yes_ask_dollars": "0.4700"}]}


def kalshi_today():
    """Asks a stand-in that is mounted in place of the network: nothing leaves this process."""
    import requests
    from requests.adapters import BaseAdapter

    from rec_hook import settings

    if "kalshi-today" not in settings.shims():
        return True, "not chosen: answers of Kalshi stay as they come"

    class StandIn(BaseAdapter):
        def send(self, request, **_named):
            answer = requests.Response()
            answer.status_code, answer.request, answer.url = 200, request, request.url
            answer._content = json.dumps(_TODAY).encode()
            return answer

        def close(self):
            return None

    noted = os.environ.pop("REC_ASKED_HOSTS", None)  # Nobody really asked there.
    try:
        session = requests.Session()
        session.mount("https://", StandIn())
        base = "https://api.elections.kalshi.com/trade-api/v2"
        read = session.get(base + "/events/KXBTCD-TEST").json()["markets"][0]
        other = session.get("https://example.org/trade-api/v2/events/KXBTCD-TEST").json()
    finally:
        if noted is not None:
            os.environ["REC_ASKED_HOSTS"] = noted
    right = read.get("yes_ask") == 47 and read.get("subtitle") == "$118,000 or above" and other == _TODAY
    return right, "a market of today is read as %s at %s" % (read.get("yes_ask"), read.get("subtitle"))


def _shimmed(module, works, says):
    return (works(), says) if _is_here(module) else _without(module)


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
    ("visitors", visitors),
    ("kalshi of today", kalshi_today),
    ("websockets additional_headers", lambda: _shimmed("websockets", websockets_additional_headers, "the header arrives")),
    ("fastapi lifespan", lambda: _shimmed("fastapi", fastapi_lifespan, "the handler runs")),
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


def cost():
    """Milliseconds of CPU that the hook adds to a program's start: the least of nine starts with it less that without it.

    The hook reads a few files and waits for nothing, so that its CPU is its time; a clock would measure the machine's
    other work instead.
    """
    import subprocess
    here = os.path.dirname(os.path.abspath(__file__))
    without = dict(os.environ)
    without["PYTHONPATH"] = os.pathsep.join(
        path for path in without.get("PYTHONPATH", "").split(os.pathsep) if os.path.abspath(path) != here
    )
    with_hook = dict(os.environ)
    # As supervisord starts it, the word that it is alive included; under a name that no program has.
    with_hook["SUPERVISOR_PROCESS_NAME"] = "cost"
    quickest = {}
    for _ in range(9):  # In turns, so that a busy moment of the machine meets both.
        for name, environment in (("with", with_hook), ("without", without)):
            started = subprocess.Popen([sys.executable, "-c", "import psycopg2, requests, uvicorn"], env=environment)
            _pid, status, usage = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
            if started.returncode != 0:
                raise RuntimeError("a start ended with %d" % started.returncode)
            took = (usage.ru_utime + usage.ru_stime) * 1000
            quickest[name] = min(took, quickest.get(name, took))
    return {"withMs": quickest["with"], "withoutMs": quickest["without"], "costMs": quickest["with"] - quickest["without"]}


if __name__ == "__main__":
    # Whatever the checkout's modules print while they are imported must not mix with the answer.
    out, sys.stdout = sys.stdout, sys.stderr
    question = sys.argv[1] if len(sys.argv) > 1 else ""
    questions = {"needed": needed, "self-test": self_test, "cost": cost}
    if question not in questions:
        sys.stderr.write("usage: check.py needed | self-test | cost\n")
        sys.exit(64)
    json.dump(questions[question](), out)
    out.write("\n")
