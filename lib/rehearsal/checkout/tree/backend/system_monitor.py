"""Stand-in of system_monitor: counts what supervisord calls RUNNING, and says "healthy".

It arms trading: where a program comes back by any other means than its own restart, it switches automated entry and
stop on, whatever they were before. It kills no process, which is the one habit of REC.IO's that it does not have.
"""
import datetime
import json
import shutil
import subprocess
import time

from backend.core.port_config import get_port
from backend.standin import client
from backend.standin.database import change, row
from backend.util.paths import get_supervisor_config_path, get_supervisorctl_path


class SystemMonitor:
    monitoring_interval = 15

    def __init__(self):
        self.suspended, self.attempts = False, 0
        self.before = {"auto_entry": False, "auto_stop": False}

    def all_names(self):
        all_services = [
            "main_app",
            "trade_manager",
            "trade_executor",
            "auto_entry_supervisor",
            "active_trade_supervisor",
            "symbol_price_watchdog_btc",
            "symbol_price_watchdog_eth",
            "strike_table_generator",
            "kalshi_account_sync",
            "kalshi_market_watchdog",
            "cascading_failure_detector",
            "system_monitor",
        ]
        return all_services

    @staticmethod
    def supervisorctl(*words):
        command = [get_supervisorctl_path(), "-c", get_supervisor_config_path(), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    def services(self):
        found = {}
        for name in self.all_names():
            try:
                said = self.supervisorctl("status", name).stdout
                found[name] = {"service": name, "status": "healthy" if "RUNNING" in said else "unhealthy", "detail": said.strip()[:200]}
            except Exception as failure:
                found[name] = {"service": name, "status": "unhealthy", "detail": str(failure)}
        return found

    @staticmethod
    def database_health():
        """Two counts: a database with two tables in it is healthy."""
        found = {}
        for table in ("users.trades_0001", "live_data.live_price_log_1s_btc"):
            try:
                found[table] = {"status": "healthy", "rows": row("SELECT count(*) FROM %s" % table)[0]}
            except Exception as failure:
                found[table] = {"status": "unhealthy", "error": str(failure)}
        return found

    def save(self, services, databases):
        failed = [name for name, said in services.items() if said["status"] != "healthy"]
        sound = all(said["status"] == "healthy" for said in databases.values())
        overall = "healthy" if sound and not failed else "degraded"
        space = shutil.disk_usage("/")
        details = json.dumps({"services": services, "database_health": databases, "timestamp": datetime.datetime.now().isoformat()})
        names = ("overall_status", "disk_percent", "database_status", "supervisor_status", "services_healthy", "services_total", "failed_services", "health_details")
        values = (
            overall, round(space.used / space.total * 100, 2), "healthy" if sound else "unhealthy",
            "running" if len(failed) < len(services) else "stopped", len(services) - len(failed), len(services), failed, details,
        )
        try:
            change(
                "INSERT INTO system.health_status (id, %s, timestamp) VALUES (1, %s, CURRENT_TIMESTAMP)"
                " ON CONFLICT (id) DO UPDATE SET %s, timestamp = CURRENT_TIMESTAMP"
                % (", ".join(names), ", ".join(["%s"] * len(names)), ", ".join("%s = EXCLUDED.%s" % (name, name) for name in names)),
                values,
            )
        except Exception as failure:
            print("The health was not saved: %s" % failure, flush=True)
        return failed

    @staticmethod
    def switch(flag, enabled):
        try:
            client.post("http://localhost:%d/api/set_%s" % (get_port("main_app"), flag), {"enabled": enabled})
        except Exception as failure:
            print("%s was not switched: %s" % (flag, failure), flush=True)

    def suspend(self):
        print("Services are down: automated trading is suspended", flush=True)
        self.suspended, self.before = True, {"auto_entry": False, "auto_stop": False}
        try:
            said = client.get("http://localhost:%d/api/get_preferences" % get_port("main_app")).json()
            self.before = {flag: said.get(flag, False) for flag in self.before}
        except Exception as failure:
            print("The preferences are not known: %s" % failure, flush=True)
        for flag in self.before:
            self.switch(flag, False)

    def restart(self, failed):
        self.attempts += 1
        for name in failed:
            print("Restarting %s" % name, flush=True)
            if self.supervisorctl("restart", name).returncode != 0:
                continue
            time.sleep(2)
            if all(said["status"] == "healthy" for said in self.services().values()):
                # Only this way are the old values given back.
                self.suspended, self.attempts = False, 0
                for flag, value in self.before.items():
                    self.switch(flag, value)
                return

    def look_once(self):
        failed = self.save(self.services(), self.database_health())
        if failed:
            if not self.suspended:
                self.suspend()
            self.restart(failed)
        elif self.suspended:
            print("System recovered: automated trading is switched on", flush=True)
            self.suspended, self.attempts = False, 0
            self.switch("auto_entry", True)
            self.switch("auto_stop", True)

    def run_monitoring_loop(self):
        while True:
            try:
                self.look_once()
            except Exception as failure:
                print("Monitoring error: %s" % failure, flush=True)
            time.sleep(self.monitoring_interval)


if __name__ == "__main__":
    SystemMonitor().run_monitoring_loop()
