"""What an expression can be, as far as it can be told by reading.

A value is a str (which may hold holes), a Sequence, a Mapping, an Instance, or a Hole. An outcome is a value with the
conditions under which it comes about, so that what can never stand side by side is not put side by side.
"""

import ast
import re

OPEN, CLOSE = "\ue000", "\ue001"
HOLES = re.compile(OPEN + "([^" + CLOSE + "]*)" + CLOSE)

# More readings than this of one expression are not looked at: REC.IO's have at most four.
MOST = 24


class Hole:
    """Something that only running the program can tell."""

    def __init__(self, what):
        self.what = what

    def text(self):
        return OPEN + self.what.replace(OPEN, "").replace(CLOSE, "")[:80] + CLOSE


class Sequence:
    """A list or a tuple. Where `whole` is False there can be more in it than is known."""

    def __init__(self, items, whole=True):
        self.items = list(items)
        self.whole = whole


class Mapping:
    """A dictionary by its constant keys, each with its outcomes. Where `whole` is False there can be more in it."""

    def __init__(self, entries, whole=True):
        self.entries = dict(entries)
        self.whole = whole


class Instance:
    """An object of a class of the checkout, with how it was made."""

    def __init__(self, module, definition, bound):
        self.module = module
        self.definition = definition
        self.bound = bound


class Number:
    """A constant that is no text."""

    def __init__(self, value):
        self.value = value


def text_of(value):
    """How a value stands inside a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Number):
        return str(value.value)
    return value.text() if isinstance(value, Hole) else Hole("a value").text()


def both(one, other):
    """The conditions of two outcomes together, or None where one excludes the other."""
    for key, way in other.items():
        if one.get(key, way) != way:
            return None
    return {**one, **other}


def product(parts, make):
    """Every way in which outcomes of several parts stand together. `make` gets one value of each."""
    ways = [([], {})]
    for outcomes in parts:
        longer = []
        for values, conditions in ways:
            for value, more in outcomes:
                joined = both(conditions, more)
                if joined is not None:
                    longer.append(([*values, value], joined))
        ways = longer[:MOST]
    return [(make(values), conditions) for values, conditions in ways]


NOBODY = object()


class NeedsCaller(Exception):
    """The value depends on who calls a function, and that has not been chosen yet."""

    def __init__(self, module, function):
        super().__init__()
        self.module = module
        self.function = function


class Scope:
    """A function as it is called from one place, or the top level of a file."""

    def __init__(self, module, function, caller=None):
        self.module = module
        self.function = function
        self.caller = caller


def one(value):
    return [(value, {})]


def hole(node):
    return one(Hole(ast.unparse(node)))
