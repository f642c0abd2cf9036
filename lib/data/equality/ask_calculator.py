"""Asks the checkout's own probability calculator for points. Standard input: JSON with checkout, archive, host, port,
database, user, password and points [[seconds, buffer, bucket], …]. Last line of standard output: [[up, down], …], the
chances of staying within the buffer in per cent, unrounded.

The calculator reads fingerprint tables, so the archive's files are loaded into the database first, in the shape of
REC.IO's own (time_to_close text, numeric(5,2) columns pos_0_05 and neg_0_05).
"""

import csv
import io
import json
import re
import sys
import zipfile

import psycopg2

order = json.load(sys.stdin)
real = psycopg2.connect


def connect(*_args, **_kwargs):
    return real(host=order["host"], port=order["port"], dbname=order["database"], user=order["user"], password=order["password"])


psycopg2.connect = connect


def column(header):
    side, percent = re.match(r"^([<>])= [+-](\d\.\d\d)%$", header).groups()
    return ("pos_" if side == ">" else "neg_") + percent.replace(".", "_")


with connect() as connection, connection.cursor() as cursor, zipfile.ZipFile(order["archive"]) as archive:
    cursor.execute("CREATE SCHEMA IF NOT EXISTS analytics")
    for name in archive.namelist():
        bucket = re.search(r"directional_momentum_(-?\d+)\.csv$", name)
        if bucket is None:
            continue
        rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
        table = 'analytics."btc_fingerprint_directional_momentum_%03d"' % int(bucket.group(1))
        columns = [column(header) for header in rows[0][1:]]
        cursor.execute("CREATE TABLE %s (time_to_close text PRIMARY KEY, %s)" % (table, ", ".join(c + " numeric(5,2)" for c in columns)))
        for row in rows[1:]:
            minute = "%02dm TTC" % int(row[0].split("m")[0])
            cursor.execute("INSERT INTO %s VALUES (%s)" % (table, ", ".join(["%s"] * len(row))), [minute, *row[1:]])

sys.path.insert(0, order["checkout"])
from backend.util.probability_calculator_postgresql import ProbabilityCalculatorPostgreSQL  # noqa: E402

calculator = ProbabilityCalculatorPostgreSQL("btc")
answers = []
for seconds, buffer, bucket in order["points"]:
    calculator._switch_to_momentum_fingerprint(bucket / 100)
    assert calculator.current_momentum_bucket == bucket, (bucket, calculator.current_momentum_bucket)
    # The price that REC.IO's own generator of the lookup assumes.
    up, down = calculator.interpolate_directional_probability(seconds, buffer / 120000 * 100, "both")
    answers.append([100 - up, 100 - down])
print(json.dumps(answers))
