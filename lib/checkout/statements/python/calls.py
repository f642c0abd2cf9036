"""What a call gives: methods of texts and lists, functions and classes of the checkout, arguments of a program."""

import ast

from values import NOBODY, Hole, Instance, Mapping, NeedsCaller, Number, Scope, Sequence, both, one, product, text_of

class CallReader:
    def read_Call(self, node, scope):
        called = node.func
        if isinstance(called, ast.Attribute):
            found = self.method(node, called, scope)
            if found:
                return found
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
        if name in ("list", "tuple", "sorted", "set", "str", "reversed") and len(node.args) == 1:
            return [(self.as_sequence(value) if name != "str" else value, more) for value, more in self.read(node.args[0], scope)]
        if name == "zip" and node.args:
            return product([self.read(part, scope) for part in node.args], self.zipped)
        if name == "dict" and len(node.args) <= 1:
            return product([self.read(part, scope) for part in node.args] + [self.keywords(node, scope, set())], self.as_mapping)
        if name == "len" and len(node.args) == 1:
            return [
                (Number(len(value.items)) if isinstance(value, Sequence) and value.whole else Hole("a length"), more)
                for value, more in [(self.as_sequence(held), ways) for held, ways in self.read(node.args[0], scope)]
            ]
        if name in ("getenv",) or (name == "get" and "environ" in ast.unparse(called)):
            return self.read(node.args[1], scope) if len(node.args) > 1 else None
        if name in ("SQL", "dedent") and node.args:
            return self.read(node.args[0], scope)
        if name == "Identifier" and node.args:
            return product([self.read(part, scope) for part in node.args], lambda parts: ".".join(f'"{text_of(part)}"' for part in parts))
        if name == "parse_args":
            return self.program_arguments(scope)
        return self.of_the_checkout(node, called, name, scope) if name else None

    @staticmethod
    def as_sequence(value):
        if isinstance(value, Mapping):
            return Sequence(value.entries.keys(), value.whole)
        return value if isinstance(value, Sequence) else Hole("a list")

    @staticmethod
    def zipped(values):
        if not all(isinstance(value, Sequence) for value in values):
            return Hole("a list")
        return Sequence([Sequence(items) for items in zip(*[value.items for value in values])], all(value.whole for value in values))

    @staticmethod
    def as_mapping(values):
        entries, whole = {}, True
        for value in values:
            if isinstance(value, Mapping):
                entries.update(value.entries)
            elif isinstance(value, Sequence) and all(isinstance(pair, Sequence) and len(pair.items) == 2 for pair in value.items):
                entries.update({pair.items[0]: one(pair.items[1]) for pair in value.items if isinstance(pair.items[0], str)})
            whole = whole and getattr(value, "whole", False)
        return Mapping(entries, whole)

    def method(self, node, called, scope):
        """Methods of texts and containers. Empty where the object is none of these."""
        found = []
        for held, conditions in self.read(called.value, scope):
            arguments = [self.read(argument, scope) for argument in node.args]
            named = {word.arg: self.read(word.value, scope) for word in node.keywords if word.arg}
            if isinstance(held, str):
                make = lambda values, held=held: self.text_method(held, called.attr, values, list(named))
                ways = product([*arguments, *named.values()], make)
            elif isinstance(held, Mapping) and called.attr in ("keys", "items", "values", "get", "copy"):
                ways = self.mapping_method(held, called.attr, arguments)
            elif isinstance(held, (Sequence, Instance)) and called.attr == "copy":
                ways = one(held)
            else:
                continue
            for value, more in ways:
                together = both(conditions, more)
                if value is not None and together is not None:
                    found.append((value, together))
        return found

    @staticmethod
    def text_method(held, name, values, names):
        if name in ("lower", "upper", "strip", "lstrip", "rstrip") and not values:
            return getattr(held, name)()
        if name == "as_string":
            return held
        if name == "replace" and len(values) == 2 and all(isinstance(value, str) for value in values):
            return held.replace(*values)
        if name == "join" and len(values) == 1:
            listed = CallReader.as_sequence(values[0])
            if not isinstance(listed, Sequence):
                return Hole("a joined list").text()
            parts = [text_of(item) for item in listed.items]
            return held.join(parts if listed.whole else [*parts, Hole("further items").text()])
        if name == "format":
            positional = [text_of(value) for value in values[: len(values) - len(names)]]
            try:
                return held.format(*positional, **{key: text_of(value) for key, value in zip(names, values[len(positional) :])})
            except (IndexError, KeyError, ValueError):
                return Hole("a formatted text").text()
        return None

    @staticmethod
    def mapping_method(held, name, arguments):
        if name == "copy":
            return one(held)
        if name == "keys":
            return one(Sequence(held.entries.keys(), held.whole))
        if name == "get":
            key = arguments[0][0][0] if arguments else None
            if isinstance(key, str) and key in held.entries:
                return held.entries[key]
            rest = [way for outcomes in held.entries.values() for way in outcomes] if not isinstance(key, str) or "\ue000" in key else []
            return rest + (arguments[1] if len(arguments) > 1 else [])
        values = {key: outcomes[0][0] if len(outcomes) == 1 else Hole(str(key)) for key, outcomes in held.entries.items()}
        if name == "values":
            return one(Sequence(values.values(), held.whole))
        return one(Sequence([Sequence([key, value]) for key, value in values.items()], held.whole))

    # Comprehensions

    def read_ListComp(self, node, scope):
        return one(self.comprehended(node, scope, lambda inner: self.read(node.elt, inner)))

    read_GeneratorExp = read_ListComp
    read_SetComp = read_ListComp

    def read_DictComp(self, node, scope):
        pairs = self.comprehended(
            node, scope, lambda inner: product([self.read(node.key, inner), self.read(node.value, inner)], tuple)
        )
        entries = {key: one(value) for key, value in pairs.items if isinstance(key, str) and "\ue000" not in key}
        return one(Mapping(entries, pairs.whole and len(entries) == len(pairs.items)))

    def comprehended(self, node, scope, make):
        if len(node.generators) != 1:
            return Sequence([], False)
        generator = node.generators[0]
        outcomes = self.read(generator.iter, scope)
        source = outcomes[0][0] if outcomes else Hole("a list")
        source = self.as_sequence(source) if isinstance(source, Mapping) else source
        if not isinstance(source, Sequence):
            return Sequence([], False)
        items = []
        for item in source.items:
            inner = Inner(scope, {})
            for name in ast.walk(generator.target):
                if isinstance(name, ast.Name):
                    inner.bound[name.id] = self.unpacked(generator.target, item, name.id)
            if any(self.decide(test, inner) is False for test in generator.ifs):
                continue
            items += [value for value, _ in make(inner)[:1]]
        return Sequence(items, source.whole)

    # The checkout's own functions and classes

    def of_the_checkout(self, node, called, name, scope):
        owner, module = None, scope.module
        for candidate in self.tree.modules:
            if (name in candidate.functions or name in candidate.classes) and self.tree.sees(scope.module, name, candidate):
                owner = candidate
                break
        if isinstance(called, ast.Attribute) and owner is None:
            for held, _ in self.read(called.value, scope):
                if isinstance(held, Instance):
                    method = next((part for part in held.definition.body if getattr(part, "name", None) == name), None)
                    if method is not None:
                        return self.returned(method, Scope(held.module, method, (node, scope)))
            return None
        if owner is None:
            return None
        if name in owner.classes:
            return one(Instance(owner, owner.classes[name], (node, scope)))
        return self.returned(owner.functions[name], Scope(owner, owner.functions[name], (node, scope)))

    def returned(self, function, scope):
        found = []
        for part in ast.walk(function):
            if isinstance(part, ast.Return) and part.value is not None and scope.module.function_of(part) is function:
                taken = scope.module.branches(part, function)
                decided = [self.decide(key.test, scope) == (way == "orelse") and self.decide(key.test, scope) is not None for key, way in taken.items() if isinstance(key, ast.If)]
                if any(decided):
                    continue
                for value, more in self.read(part.value, scope):
                    together = both(more, taken)
                    if together is not None:
                        found.append((value, together))
        return found

    def parameter(self, name, scope):
        """What a parameter is: what the chosen caller gives, or its default, or an object of the method's class."""
        function, module = scope.function, scope.module
        given = function.args
        positional = [*given.posonlyargs, *given.args]
        definition = module.class_of(function)
        method = definition is not None and module.parents[function][0] is definition
        if method and positional and positional[0].arg == name:
            return self.objects(definition, module)
        caller = scope.caller or self.chosen.get(function)
        if caller is None:
            raise NeedsCaller(module, function)
        default = self.default(name, given, positional, Scope(module, None, NOBODY))
        if caller is NOBODY:
            return default
        call, outer = caller
        places = [arg.arg for arg in positional][1 if method else 0 :]
        if given.kwarg and given.kwarg.arg == name:
            return self.keywords(call, outer, {arg.arg for arg in [*positional, *given.kwonlyargs]})
        if given.vararg and given.vararg.arg == name:
            return product([self.read(part, outer) for part in call.args[len(places) :]], Sequence)
        if any(isinstance(part, ast.Starred) for part in call.args):
            return one(Hole(name))
        if name in places and places.index(name) < len(call.args):
            return self.read(call.args[places.index(name)], outer)
        for word in call.keywords:
            if word.arg == name:
                return self.read(word.value, outer)
        return one(Hole(name)) if any(word.arg is None for word in call.keywords) else default

    def keywords(self, call, outer, taken):
        entries, whole = {}, True
        for word in call.keywords:
            if word.arg is not None:
                if word.arg not in taken:
                    entries[word.arg] = self.read(word.value, outer)
                continue
            spread = self.read(word.value, outer)
            for value, _ in spread[:1]:
                entries.update(value.entries if isinstance(value, Mapping) else {})
                whole = whole and isinstance(value, Mapping) and value.whole
        return one(Mapping(entries, whole))

    def default(self, name, given, positional, scope):
        pairs = dict(zip([arg.arg for arg in positional][::-1], given.defaults[::-1]))
        pairs.update({arg.arg: value for arg, value in zip(given.kwonlyargs, given.kw_defaults) if value is not None})
        if given.kwarg and given.kwarg.arg == name:
            return one(Mapping({}, False))
        return self.read(pairs[name], scope) if name in pairs else one(Hole(name))

    def objects(self, definition, module):
        """Every way in which the checkout makes an object of a class."""
        made = [
            (where, call)
            for where, call in self.tree.calls.get(definition.name, [])
            if self.tree.sees(where, definition.name, module)
        ]
        if not made:
            return one(Instance(module, definition, NOBODY))
        return [
            (Instance(module, definition, (call, Scope(where, where.function_of(call), NOBODY))), {definition: at})
            for at, (where, call) in enumerate(made)
        ]

    def program_arguments(self, scope):
        """What argparse makes of the arguments with which the programs start this file."""
        names = []
        for part in ast.walk(scope.module.tree):
            if isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "add_argument" and part.args:
                word = part.args[0]
                if isinstance(word, ast.Constant) and isinstance(word.value, str) and not word.value.startswith("-"):
                    names.append(word.value)
        starts = self.tree.arguments_of(scope.module)
        return [
            (Mapping({name: one(value) for name, value in zip(names, args)}, False), {"program": at})
            for at, args in enumerate(starts)
        ]


class Inner:
    """A scope with the variables of a comprehension in it."""

    def __init__(self, scope, bound):
        self.bound = {**getattr(scope, "bound", {}), **bound}
        self.module = scope.module
        self.function = scope.function
        self.caller = scope.caller
