"""Keeps REC.IO's pages from starting a second REC.IO beside the one that is supervised.

Its system page and its documents lead to MASTER_RESTART.sh, which ends whatever looks like REC.IO and starts a supervisord
on the checkout's own configuration: without the database, without this hook's settings, without the order lock. The page's
`supervisorctl` goes to the installation's own supervisord and is let through.
"""
import errno
import os
import shlex

from rec_hook import settings

#: Names of programs and scripts that would start or end what is not theirs.
FOREIGN = {"MASTER_RESTART.sh", "supervisord", "pkill", "killall", "port_flush.py", "install.sh", "complete_installation.sh"}


def foreign(command):
    """The name in a command (a list of words, or a line) that must not be run, or None."""
    if isinstance(command, (str, bytes, os.PathLike)):
        line = os.fsdecode(command)
        try:
            words = shlex.split(line)
        except ValueError:
            words = line.split()
    else:
        words = [os.fsdecode(word) for word in command]
    # A shell gets its whole line as one word.
    for word in [part for word in words for part in word.replace(";", " ").replace("&", " ").split()]:
        if os.path.basename(word) in FOREIGN:
            return os.path.basename(word)
    return None


def guard_subprocess(module):
    real = module.Popen.__init__

    def __init__(self, args, *positional, **named):
        name = foreign(args)
        if name is not None:
            settings.tell("%s was not run: it starts another REC.IO beside this one. npm run recio -- restart is the right door." % name)
            raise PermissionError(errno.EPERM, "rec-hook: not run, use npm run recio -- restart", name)
        real(self, args, *positional, **named)

    __init__.__wrapped__ = real
    module.Popen.__init__ = __init__
