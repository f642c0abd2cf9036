"""Really imports modules, to see whether they are there and whole.

Standard input: [{"module": dotted name, "names": [names that are taken from it]}, ...].
Last line of standard output: {module: null where it is whole, or a one-line error}.
A module that ends the process, or prints, must not spoil the answer: prints go to standard error.
"""

import importlib
import json
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
    answer.write("\n" + json.dumps(results) + "\n")


main()
