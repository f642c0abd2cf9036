"""Stand-in of cascading_failure_detector: looks every five minutes and prints. It does nothing about what it finds."""
import os
import subprocess
import time

from backend.standin.database import row
from backend.util.paths import get_supervisor_config_path, get_supervisorctl_path


class FailureLevel:
    NONE = "none"
    WARNING = "warning"
    CRITICAL = "critical"
    CATASTROPHIC = "catastrophic"


class CascadingFailureDetector:
    check_interval = 300

    def __init__(self):
        self.critical_services = [
            "main_app", "trade_manager", "trade_executor", "active_trade_supervisor", "symbol_price_watchdog_btc",
            "symbol_price_watchdog_eth", "strike_table_generator", "kalshi_account_sync", "kalshi_market_watchdog",
        ]
        self.service_health = {}
        self.critical_files = [
            "backend/core/config/MASTER_PORT_MANIFEST.json", get_supervisor_config_path(), "scripts/MASTER_RESTART.sh",
        ]

    @staticmethod
    def status(name=None):
        command = [get_supervisorctl_path(), "-c", get_supervisor_config_path(), "status"] + ([name] if name else [])
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=10)
        except Exception:
            return None

    def check_supervisor_status(self):
        said = self.status()
        return {"status": "ok" if said is not None and "RUNNING" in said.stdout else "error"}

    def update_service_health(self):
        for name in self.critical_services:
            said = self.status(name)
            status = "healthy" if said is not None and "RUNNING" in said.stdout else "unhealthy"
            earlier = self.service_health.get(name, {}).get("consecutive_failures", 0)
            self.service_health[name] = {"status": status, "consecutive_failures": 0 if status == "healthy" else earlier + 1}

    def check_database_integrity(self):
        try:
            for table in ("users.trades_0001", "live_data.live_price_log_1s_btc"):
                row("SELECT 1 FROM %s LIMIT 1" % table)
            return True
        except Exception as failure:
            print("A database is not accessible: %s" % failure, flush=True)
            return False

    def check_critical_files(self):
        return all(os.path.exists(path) for path in self.critical_files)

    def assess_failure_level(self):
        if self.check_supervisor_status()["status"] != "ok" or not self.check_database_integrity() or not self.check_critical_files():
            return FailureLevel.CATASTROPHIC
        failing = sum(1 for said in self.service_health.values() if said["consecutive_failures"] >= 15)
        return (FailureLevel.NONE, FailureLevel.WARNING, FailureLevel.CRITICAL)[failing] if failing < 3 else FailureLevel.CATASTROPHIC

    def run_detection_loop(self):
        while True:
            self.update_service_health()
            level, total = self.assess_failure_level(), len(self.critical_services)
            healthy = sum(1 for said in self.service_health.values() if said["status"] == "healthy")
            word = "healthy" if level == FailureLevel.NONE else level
            print("System %s - %d/%d services running" % (word, healthy, total), flush=True)
            time.sleep(self.check_interval)


if __name__ == "__main__":
    CascadingFailureDetector().run_detection_loop()
