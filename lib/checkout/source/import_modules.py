"""Really imports modules, to see whether they are there and whole.

Standard input: [{"module": dotted name, "names": [names that are taken from it]}, ...].
Last line of standard output: {"trouble": {module: null where it is whole, or a one-line error}, "from": [the folders that
modules are looked for in, and the files and folders that these ones came from]}.
A module that ends the process, or prints, must not spoil the answer: prints go to standard error.
"""

import importlib
import json
import os
import sys


def trouble(module, names):
    try:
        found = importlib.import_module(module)
        for name in names:
            if not hasattr(found, name):
                importlib.import_module(f"{module}.{name}")
    except BaseException as error:  # noqa: BLE001 - SystemExit from a module is an answer too.
        return f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return None


def main():
    answer, sys.stdout = sys.stdout, sys.stderr
    asked = json.load(sys.stdin)
    results = {entry["module"]: trouble(entry["module"], entry["names"]) for entry in asked}
    places = {path for path in sys.path if os.path.isdir(path)}
    for name in results:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and os.path.isabs(file):
            places.update((file, os.path.dirname(file)))
    answer.write("\n" + json.dumps({"trouble": results, "from": sorted(places)}) + "\n")


main()
