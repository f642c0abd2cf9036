"""Gives psycopg2 the installation's database in place of the one that the checkout names in its source.

`psycopg2.connect()` merges DSN and keywords and then looks up the module global `_connect` at call time, so replacing
that one name sees every way of connecting: `from psycopg2 import connect`, a URI, pools. Not seen: a direct
`psycopg2.extensions.connection(dsn)`, psycopg 3, asyncpg and `psql`; REC.IO uses none of them.
"""
import os

from rec_hook import settings

_LOCAL = {"", "localhost", "127.0.0.1", "::1"}
#: What REC.IO's source names: localhost / rec_io_db / rec_io_user.
_DATABASE, _USER = "rec_io_db", "rec_io_user"


def password():
    """The password of REC.IO's role. One line feed at the end belongs to the file; a blank belongs to the password."""
    with open(settings.value("REC_DB_PASSWORD_FILE"), encoding="utf-8") as file:
        text = file.read()
    return text[:-1] if text.endswith("\n") else text


def target():
    """The connection parameters of the installation, without the password. Raises where a setting is missing."""
    missing = settings.missing_database_settings()
    if missing:
        raise RuntimeError("rec-hook: %s is not set" % ", ".join(missing))
    parameters = {
        "host": settings.value("REC_DB_HOST"),
        "port": settings.value("REC_DB_PORT"),
        "dbname": settings.value("REC_DB_NAME"),
        "user": settings.value("REC_DB_USER"),
        "sslmode": settings.value("REC_DB_SSLMODE"),
        "sslrootcert": settings.value("REC_DB_CA_FILE"),
    }
    return {name: text for name, text in parameters.items() if text}


def _meant_for_us(asked, ours):
    host = asked.get("host", asked.get("hostaddr", ""))
    return (
        (host in _LOCAL or host == ours["host"] or host.startswith("/"))
        and asked.get("dbname", ours["dbname"]) in (_DATABASE, ours["dbname"])
        and asked.get("user", ours["user"]) in (_USER, ours["user"])
    )


def redirect(module):
    real = module._connect  # An AttributeError here ends the import, which is better than the published password.
    parse, make = module.extensions.parse_dsn, module.extensions.make_dsn
    target()
    password()

    def _connect(dsn, *positional, **named):
        asked, ours = parse(dsn) if dsn else {}, target()
        if not _meant_for_us(asked, ours):
            raise module.OperationalError(
                "rec-hook: refused a connection to %s/%s as %s: not the database of this installation"
                % (asked.get("host", ""), asked.get("dbname", ""), asked.get("user", ""))
            )
        for name in ("hostaddr", "passfile", "service", "sslmode", "sslrootcert"):
            asked.pop(name, None)
        asked.update(ours)
        asked["password"] = password()
        asked["application_name"] = "rec:" + settings.program()
        asked.setdefault("connect_timeout", "10")
        connection = real(make(**asked), *positional, **named)
        if os.environ.get("REC_HOOK_LIVE"):
            from rec_hook import presence
            presence.connected()
        return connection

    module._connect = _connect
