"""The parts of the start-up hook, one module a meaning. See sitecustomize.py beside this folder."""
