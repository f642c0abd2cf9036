"""The sources of a checkout as syntax trees, and the few questions about them that reading a statement needs."""

import ast
import os

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Module:
    """One file: its tree, who stands in whom, and what its top level names."""

    def __init__(self, path, root, source):
        self.path = path
        self.name = os.path.relpath(path, root)
        self.tree = ast.parse(source)
        self.parents = {}
        self.functions = {}
        self.classes = {}
        self.imports = {}
        for node in ast.walk(self.tree):
            for field, child in ast.iter_fields(node):
                for one in child if isinstance(child, list) else [child]:
                    if isinstance(one, ast.AST):
                        self.parents[one] = (node, field)
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (node.module or "", alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (alias.name, None)
            elif isinstance(node, FUNCTIONS):
                self.functions.setdefault(node.name, node)
            elif isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, node)

    def above(self, node):
        """The nodes around this one with the field through which each holds it, innermost first."""
        while node in self.parents:
            node, field = self.parents[node]
            yield node, field

    def function_of(self, node):
        """The function whose body this stands in; a default or a decorator belongs to what is around it."""
        for around, field in self.above(node):
            if isinstance(around, FUNCTIONS) and field == "body":
                return around
        return None

    def class_of(self, node):
        for around, _ in self.above(node):
            if isinstance(around, ast.ClassDef):
                return around
        return None

    def branches(self, node, limit=None):
        """Which way the conditions around a node must have gone: {condition: which of its parts}."""
        taken = {}
        for around, field in self.above(node):
            if around is limit:
                break
            if isinstance(around, (ast.If, ast.IfExp)) and field in ("body", "orelse"):
                taken[around] = field
            elif isinstance(around, ast.Try) and field in ("handlers", "orelse"):
                taken[around] = field
            elif isinstance(around, (ast.For, ast.AsyncFor, ast.While)) and field == "orelse":
                taken[around] = field
        return taken

    def loops(self, node, limit=None):
        """The loops that a node stands in the body of, outermost first."""
        found = []
        for around, field in self.above(node):
            if around is limit:
                break
            if isinstance(around, (ast.For, ast.AsyncFor)) and field == "body":
                found.append(around)
        return found[::-1]


class Tree:
    """Every file that counts, and who calls whom across them."""

    def __init__(self, root, files, programs):
        self.root = root
        self.programs = programs
        self.modules = []
        self.broken = {}
        for path in files:
            try:
                with open(path, "rb") as file:
                    self.modules.append(Module(path, root, file.read()))
            except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
                self.broken[os.path.relpath(path, root)] = f"{type(error).__name__}: {error}"
        self.calls = {}
        for module in self.modules:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call):
                    called = node.func
                    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
                    if name:
                        self.calls.setdefault(name, []).append((module, node))

    def module_named(self, dotted):
        """The file that `from dotted import …` reads, where it is one of the checkout's."""
        tail = dotted.replace(".", os.sep)
        for module in self.modules:
            stem = module.name[: -len(".py")]
            if stem == tail or stem.endswith(os.sep + tail):
                return module
        return None

    def sees(self, module, name, owner):
        """True where `name` in `module` can mean what `owner` defines under it."""
        if module is owner:
            return True
        source = module.imports.get(name)
        return source is not None and self.module_named(source[0]) is owner

    def arguments_of(self, module):
        """The lists of arguments with which the programs start this file."""
        return [list(args) for script, args in self.programs if os.path.normpath(script) == module.name]
