"""Start-up hook of a supervised REC.IO program: makes a hard-coded checkout portable and safe without editing it.

Python imports this module by itself when our folder stands first on PYTHONPATH. It imports nothing of the program: it
puts a finder in front of `sys.meta_path` that lets the real loader run and then applies one of our patches to the module
that has just been loaded. What each patch does is told in the module of the same meaning in `rec_hook/`.

A hook that cannot be set up ends the program (exit status 78, the configuration error of sysexits.h). Python itself would
only print a warning and go on without it: unlocked, on every address, with the published password.
"""
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _chain():
    """Runs the sitecustomize that ours shadows (Debian's, a coverage tool's); its failure is told and not ours to judge."""
    from importlib.machinery import PathFinder
    elsewhere = [path for path in sys.path if os.path.realpath(path or ".") != os.path.realpath(_HERE)]
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is None or spec.loader is None:
        return
    module = type(sys)("sitecustomize")
    module.__spec__, module.__file__, module.__loader__ = spec, spec.origin, spec.loader
    try:
        spec.loader.exec_module(module)
    except Exception as failure:
        sys.stderr.write("[rec-hook] %s failed: %r\n" % (spec.origin, failure))


try:
    from rec_hook import imports
    imports.install()
except BaseException as failure:
    sys.stderr.write("[rec-hook] The start-up hook cannot be set up, so this program does not start: %s\n" % failure)
    sys.stderr.flush()
    os._exit(78)
_chain()
