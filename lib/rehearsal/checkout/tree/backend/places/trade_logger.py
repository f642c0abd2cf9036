"""Lines about trades in users.trade_logs_0001. A line that cannot be stored is dropped with a print, as in REC.IO."""
from backend.standin.database import change


def log_trade_event(ticket_id, message, service="unknown"):
    try:
        change(
            "INSERT INTO users.trade_logs_0001 (ticket_id, message, timestamp, service) VALUES (%s, %s, now(), %s)",
            (ticket_id, message, service),
        )
    except Exception as failure:
        print("The line about a trade was not stored: %s" % failure, flush=True)
