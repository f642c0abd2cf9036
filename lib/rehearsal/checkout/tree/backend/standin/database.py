"""Connections as REC.IO opens them: a new one each time, to names that stand in the source, or to POSTGRES_*.

Nothing here names a port where REC.IO does not: who wants another server redirects psycopg2 or sets PGPORT.
"""
import contextlib
import os

import psycopg2
import psycopg2.extras


def fixed():
    return psycopg2.connect(host="localhost", database="rec_io_db", user="rec_io_user", password="rec_io_password")


def from_environment():
    env = os.environ.get
    return psycopg2.connect(
        host=env("POSTGRES_HOST", "localhost"),
        port=int(env("POSTGRES_PORT", env("PGPORT", "5432"))),
        database=env("POSTGRES_DB", "rec_io_db"),
        user=env("POSTGRES_USER", "rec_io_user"),
        password=env("POSTGRES_PASSWORD", "rec_io_password"),
    )


@contextlib.contextmanager
def cursor(connect=fixed, as_dicts=False):
    """A cursor whose work is committed at the end and rolled back on a failure; the connection is closed either way."""
    connection = connect()
    try:
        factory = psycopg2.extras.RealDictCursor if as_dicts else None
        with connection, connection.cursor(cursor_factory=factory) as made:
            yield made
    finally:
        connection.close()


def rows(sql, values=(), connect=fixed):
    with cursor(connect) as made:
        made.execute(sql, values)
        return made.fetchall()


def row(sql, values=(), connect=fixed):
    found = rows(sql, values, connect)
    return found[0] if found else None


def dicts(sql, values=(), connect=fixed):
    with cursor(connect, as_dicts=True) as made:
        made.execute(sql, values)
        return [dict(found) for found in made.fetchall()]


def change(sql, values=(), connect=fixed):
    with cursor(connect) as made:
        made.execute(sql, values)
        return made.rowcount
