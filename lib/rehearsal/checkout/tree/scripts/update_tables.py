"""Brings tables up to date as `psql -f` does: a statement that fails is printed, the next is tried, and the end is 0."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "backend"))

from standin import database  # noqa: E402

STATEMENTS = (
    "ALTER TABLE users.trade_logs_0001 RENAME COLUMN message TO hidden_by_rehearsal",
    "ALTER TABLE users.trade_logs_0001 ADD COLUMN message text DEFAULT last_message()",
    "UPDATE users.trade_logs_0001 SET message = hidden_by_rehearsal",
)

for statement in STATEMENTS:
    try:
        database.change(statement)
        print(statement.split(" ", 1)[0] + " TABLE" * statement.startswith("ALTER"))
    except database.psycopg2.Error as error:
        print("ERROR:  %s" % str(error).splitlines()[0])
