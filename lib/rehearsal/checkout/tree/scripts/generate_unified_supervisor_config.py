"""Names the programs that are supervised, and writes backend/supervisord.conf from that list."""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

SERVICES = [
    {"name": "main_app", "script": "main.py"},
    {"name": "trade_manager", "script": "trade_manager.py"},
    {"name": "trade_executor", "script": "trade_executor.py"},
    {"name": "active_trade_supervisor", "script": "active_trade_supervisor.py"},
    {"name": "auto_entry_supervisor", "script": "auto_entry_supervisor.py"},
    {"name": "symbol_price_watchdog_btc", "script": "symbol_price_watchdog.py BTC"},
    {"name": "symbol_price_watchdog_eth", "script": "symbol_price_watchdog.py ETH"},
    {"name": "strike_table_generator", "script": "strike_table_generator.py continuous 1"},
    {"name": "kalshi_account_sync", "script": "api/kalshi-api/kalshi_account_sync_ws.py"},
    {"name": "kalshi_market_watchdog", "script": "kalshi_market_watchdog.py"},
    {"name": "system_monitor", "script": "system_monitor.py"},
    {"name": "cascading_failure_detector", "script": "cascading_failure_detector.py"},
]

HEAD = """[supervisord]
nodaemon=true
logfile=/tmp/supervisord.log
pidfile=/tmp/supervisord.pid

[supervisorctl]
serverurl=unix:///tmp/supervisord.sock

[unix_http_server]
file=/tmp/supervisord.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""


def text(root, python):
    parts = [HEAD]
    for service in SERVICES:
        name = service["name"]
        parts.append(
            "[program:%s]\ncommand=%s %s/backend/%s\ndirectory=%s\nautostart=true\nautorestart=true\nstartretries=3\n"
            "stopasgroup=true\nkillasgroup=true\nstderr_logfile=%s/logs/%s.err.log\nstdout_logfile=%s/logs/%s.out.log\n"
            'environment=PYTHONPATH="%s"\n' % (name, python, root, service["script"], root, root, name, root, name, root)
        )
    return "\n".join(parts)


if __name__ == "__main__":
    if "--print" in sys.argv:
        # As it is checked in: another machine's root, as REC.IO's own file names one.
        sys.stdout.write(text("/opt/rec_io_server", "/opt/rec_io_server/venv/bin/python"))
    else:
        with open(os.path.join(ROOT, "backend", "supervisord.conf"), "w", encoding="utf-8") as file:
            file.write(text(ROOT, sys.executable))
