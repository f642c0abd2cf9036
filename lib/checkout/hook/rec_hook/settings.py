"""What the hook is told through the environment. Read at the moment of use, so that a test can change it."""
import os
import sys

#: Without these there is no database, and a program without them would fall back to the published password.
DATABASE = ("REC_DB_HOST", "REC_DB_PORT", "REC_DB_NAME", "REC_DB_USER", "REC_DB_PASSWORD_FILE")


def value(name, default=None):
    """The text of a variable; an empty one counts as absent."""
    return os.environ.get(name) or default


def program():
    """Name of the supervised program; outside supervisord the name of the script."""
    named = value("SUPERVISOR_PROCESS_NAME")
    if named:
        return named
    script = os.path.basename((getattr(sys, "argv", None) or [""])[0])
    return script[:-3] if script.endswith(".py") else (script or "python")


def missing_database_settings():
    return [name for name in DATABASE if not value(name)]


def shims():
    return {name.strip() for name in (value("REC_SHIMS") or "").split(",") if name.strip()}


def tell(text):
    """One line about something that the hook kept from happening. Never on stdout: callers parse that."""
    sys.stderr.write("[rec-hook] %s\n" % text)
    sys.stderr.flush()


def write_whole(path, text):
    """Writes a file (0600) whole or not at all."""
    temporary = "%s.%d.tmp" % (path, os.getpid())
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise
