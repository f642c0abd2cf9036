"""Applies a patch to a module right after its own code has run, without importing anything early."""
import importlib
import os
import sys

from rec_hook import settings

#: Module of the program -> (module of ours, function). The function gets the loaded module and changes it in place.
PATCHES = {
    "psycopg2": [("database", "redirect")],
    "socket": [("listeners", "guard_socket")],
    "uvicorn.config": [("listeners", "guard_uvicorn"), ("visitors", "guard_uvicorn")],
    "werkzeug.serving": [("listeners", "guard_werkzeug"), ("visitors", "guard_werkzeug")],
    "subprocess": [("commands", "guard_subprocess")],
    "backend.account_mode": [("account_mode", "redirect")],
    "account_mode": [("account_mode", "redirect")],
    "backend.util.paths": [("supervisor_paths", "redirect")],
    "util.paths": [("supervisor_paths", "redirect")],
    "requests.sessions": [
        ("kalshi_today", "read_requests"),
        ("asked_hosts", "watch_requests"),
        ("monitor_guard", "hold"),
        ("order_gate", "guard_session"),
    ],
    "requests.adapters": [("order_gate", "guard_adapter")],
    "urllib.request": [("asked_hosts", "watch_urllib")],
    "websockets.legacy.client": [
        ("shims", "additional_headers"),
        ("asked_hosts", "watch_websockets_legacy"),
        ("kalshi_today", "read_websockets_legacy"),
    ],
    "websockets.asyncio.client": [("asked_hosts", "watch_websockets"), ("kalshi_today", "read_websockets")],
    "fastapi.applications": [("shims", "lifespan")],
}


def _tell_presence(what, *arguments):
    """Only a supervised program leaves word, so nobody else pays for the import."""
    if os.environ.get("REC_HOOK_LIVE") and os.environ.get("SUPERVISOR_PROCESS_NAME"):
        getattr(importlib.import_module("rec_hook.presence"), what)(*arguments)


def _apply(module):
    for part, function in PATCHES[module.__name__]:
        getattr(importlib.import_module("rec_hook." + part), function)(module)
    _tell_presence("patched", module.__name__)


class _Loader:
    """Stands in for the real loader for the length of one import."""

    def __init__(self, real):
        self._real = real

    def create_module(self, spec):
        return self._real.create_module(spec)

    def exec_module(self, module):
        # Nobody else may see the stand-in: inspect, pkgutil and pickling look at the loader.
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        _apply(module)

    def __getattr__(self, name):
        return getattr(self._real, name)


class _Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in PATCHES:
            return None
        for finder in sys.meta_path:
            if finder is _Finder or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


def install():
    """Puts the finder first. Raises where a supervised program lacks the settings of its database."""
    if os.environ.get("SUPERVISOR_PROCESS_NAME"):
        missing = settings.missing_database_settings()
        if missing:
            raise RuntimeError("%s is not set" % ", ".join(missing))
    for name in list(PATCHES):
        if name in sys.modules:  # imported before us, by a .pth file
            _apply(sys.modules[name])
    sys.meta_path.insert(0, _Finder)
    _tell_presence("started")
