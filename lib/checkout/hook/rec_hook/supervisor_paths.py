"""Tells REC.IO where its supervisord configuration and supervisorctl are.

The checkout looks for `<root>/backend/supervisord.conf`, which git tracks. Without this its monitor finds 0 of 12 programs
healthy, suspends trading and tries to restart everything.
"""
from rec_hook import settings


def redirect(module):
    if settings.value("REC_SUPERVISOR_CONF"):
        module.get_supervisor_config_path = lambda: settings.value("REC_SUPERVISOR_CONF")
    if settings.value("REC_SUPERVISORCTL"):
        module.get_supervisorctl_path = lambda: settings.value("REC_SUPERVISORCTL")
