"""Leaves word that the hook is alive inside this very process: REC_HOOK_LIVE/<program>.json
{ "pid", "startedAt", "patched": [module names], "databaseAt" }, times in Unix seconds.

RUNNING says that a process exists, its environment says what it was told; only this says that the hook took.
"""
import json
import os
import threading
import time

from rec_hook import settings

_MARK = "REC_HOOK_PROCESS"
_state = {"pid": 0, "startedAt": 0.0, "patched": [], "databaseAt": None}
_lock = threading.Lock()
_told_database_at = 0.0


def _file():
    folder, name = settings.value("REC_HOOK_LIVE"), os.environ.get("SUPERVISOR_PROCESS_NAME")
    # A child (supervisorctl, called by the monitor) inherits the program's name but must not speak for it.
    if not folder or not name or os.environ.get(_MARK) != str(os.getpid()):
        return None
    return os.path.join(folder, name + ".json")


def _write():
    path = _file()
    if path is None:
        return
    try:
        settings.write_whole(path, json.dumps(_state))
    except OSError:
        pass  # Word that cannot be left is missed by the health page; it must not take the program down.


def started():
    os.environ.setdefault(_MARK, str(os.getpid()))
    _state["pid"], _state["startedAt"] = os.getpid(), time.time()
    with _lock:
        _write()


def patched(name):
    with _lock:
        if name not in _state["patched"]:
            _state["patched"].append(name)
            _write()


def connected():
    """A session of ours was opened; told at most every 15 seconds."""
    global _told_database_at
    now = time.time()
    with _lock:
        if now - _told_database_at < 15:
            return
        _told_database_at = _state["databaseAt"] = now
        _write()
