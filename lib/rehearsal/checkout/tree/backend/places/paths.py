"""Where things are, under the names that REC.IO's programs and the installation's hook look for."""
import os
import shutil
import socket


def get_project_root():
    return os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def _below(*parts):
    return os.path.join(get_project_root(), *parts)


def get_data_dir():
    return _below("backend", "data")


def get_kalshi_data_dir():
    return _below("backend", "data", "live_data", "markets", "kalshi")


def get_coinbase_data_dir():
    return _below("backend", "data", "coinbase")


def _user(*parts):
    return _below("backend", "data", "users", "user_0001", *parts)


def get_accounts_data_dir():
    return _user("accounts")


def get_price_history_dir():
    return _below("backend", "data", "live_data", "price_history")


def get_btc_price_history_dir():
    return os.path.join(get_price_history_dir(), "btc")


def get_trade_history_dir():
    return _user("trade_history")


def get_active_trades_dir():
    return _user("active_trades")


def get_logs_dir():
    return _below("logs")


def get_kalshi_credentials_dir():
    return _user("credentials", "kalshi-credentials")


def get_supervisor_config_path():
    return _below("backend", "supervisord.conf")


def get_frontend_dir():
    return _below("frontend")


def get_venv_python_path():
    return _below("venv", "bin", "python")


def get_host():
    named = os.environ.get("TRADING_SYSTEM_HOST")
    if named:
        return named
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
    except OSError:
        return "localhost"


def get_service_url(port):
    return "http://%s:%s" % (get_host(), port)


def ensure_data_dirs():
    folders = [get_kalshi_data_dir(), get_btc_price_history_dir(), get_accounts_data_dir(), get_trade_history_dir()]
    folders += [get_active_trades_dir()]
    folders += [os.path.join(get_kalshi_credentials_dir(), mode) for mode in ("prod", "demo")]
    for folder in folders:
        os.makedirs(folder, exist_ok=True)


def get_supervisorctl_path():
    return shutil.which("supervisorctl") or "supervisorctl"


def get_dynamic_project_root():
    return get_project_root()
