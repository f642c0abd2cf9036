"""Reads expressions as a careful person would: follows names to where they were set, arguments to where they were given.

Nothing of the checkout is run. Where only running it could tell, the answer is a Hole.
"""

import ast
import re

from calls import CallReader
from names import NameReader
from values import MOST, NOBODY, Hole, Instance, Mapping, Number, Scope, Sequence, hole, one, product, text_of

# As deep as arguments and functions are followed; REC.IO's own go four deep.
DEEPEST = 14


class Reader(CallReader, NameReader):
    def __init__(self, tree):
        self.tree = tree
        self.depth = 0
        self.writes_in = {}
        # Which caller a function is taken to be called by, while one way of calling is read.
        self.chosen = {}

    def read(self, node, scope):
        """The outcomes of an expression where it stands."""
        self.depth += 1
        try:
            if self.depth > DEEPEST * 4:
                return hole(node)
            handler = getattr(self, "read_" + type(node).__name__, None)
            found = handler(node, scope) if handler else None
            return (found or hole(node))[:MOST]
        finally:
            self.depth -= 1

    # Literals

    def read_Constant(self, node, scope):
        return one(node.value if isinstance(node.value, str) else Number(node.value))

    def read_JoinedStr(self, node, scope):
        return product([self.read(part, scope) for part in node.values], lambda parts: "".join(map(text_of, parts)))

    def read_FormattedValue(self, node, scope):
        return self.read(node.value, scope)

    def read_List(self, node, scope):
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return None
        return product([self.read(item, scope) for item in node.elts], Sequence)

    read_Tuple = read_List
    read_Set = read_List

    def read_Dict(self, node, scope):
        entries, whole = {}, True
        for key, value in zip(node.keys, node.values):
            if isinstance(key, ast.Constant):
                entries[key.value] = self.read(value, scope)
                continue
            # {**other}: what the other holds, as far as that is known.
            spread = self.read(value, scope)[0][0] if key is None else None
            entries.update(spread.entries if isinstance(spread, Mapping) else {})
            whole = whole and isinstance(spread, Mapping) and spread.whole
        return one(Mapping(entries, whole))

    # Operations

    def read_BinOp(self, node, scope):
        sides = [self.read(node.left, scope), self.read(node.right, scope)]
        if isinstance(node.op, ast.Add):
            return product(sides, self.added)
        if isinstance(node.op, ast.Mult):
            return product(sides, self.repeated)
        if isinstance(node.op, ast.Mod):
            return product(sides, self.filled)
        return None

    @staticmethod
    def added(pair):
        if all(isinstance(side, Sequence) for side in pair):
            return Sequence(pair[0].items + pair[1].items, pair[0].whole and pair[1].whole)
        if isinstance(pair[0], str) or isinstance(pair[1], str):
            return text_of(pair[0]) + text_of(pair[1])
        if all(isinstance(side, Number) and isinstance(side.value, int) for side in pair):
            return Number(pair[0].value + pair[1].value)
        return Hole("a sum")

    @staticmethod
    def repeated(pair):
        sequence, number = pair
        if isinstance(sequence, Sequence) and isinstance(number, Number) and isinstance(number.value, int):
            return Sequence(sequence.items * min(number.value, 200), sequence.whole)
        if isinstance(sequence, Sequence) and isinstance(number, Hole):
            return Sequence(sequence.items, False)
        return Hole("a product")

    @staticmethod
    def filled(pair):
        pattern, values = pair
        if not isinstance(pattern, str):
            return Hole("a formatted text")
        items = values.items if isinstance(values, Sequence) else [values]
        parts = re.split(r"%[sdi]", pattern.replace("%%", "\0"))
        if len(parts) != len(items) + 1:
            return Hole("a formatted text")
        return "".join(part + (text_of(items[at]) if at < len(items) else "") for at, part in enumerate(parts)).replace(
            "\0", "%"
        )

    def read_IfExp(self, node, scope):
        decided = self.decide(node.test, scope)
        found = []
        for way, part in (("body", node.body), ("orelse", node.orelse)):
            if decided is None or decided == (way == "body"):
                found += [(value, {**more, node: way}) for value, more in self.read(part, scope)]
        return found

    def read_BoolOp(self, node, scope):
        if isinstance(node.op, ast.And):
            return self.read(node.values[-1], scope)
        return [way for value in node.values for way in self.read(value, scope) if not isinstance(way[0], Hole)]

    def read_Await(self, node, scope):
        return self.read(node.value, scope)

    def read_Starred(self, node, scope):
        return self.read(node.value, scope)

    def decide(self, test, scope):
        """True or False where reading can tell how a condition goes, else None."""
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return None
        left, right = self.read(test.left, scope), self.read(test.comparators[0], scope)
        if len(left) != 1 or len(right) != 1 or not isinstance(left[0][0], str) or "\ue000" in left[0][0]:
            return None
        value, other = left[0][0], right[0][0]
        if isinstance(other, str) and "\ue000" not in other and isinstance(test.ops[0], (ast.Eq, ast.NotEq)):
            return (value == other) == isinstance(test.ops[0], ast.Eq)
        if isinstance(test.ops[0], (ast.In, ast.NotIn)):
            if isinstance(other, Sequence) and other.whole and all(isinstance(item, str) for item in other.items):
                return (value in other.items) == isinstance(test.ops[0], ast.In)
            if isinstance(other, Mapping) and other.whole:
                return (value in other.entries) == isinstance(test.ops[0], ast.In)
        return None

    # Parts of things

    def read_Subscript(self, node, scope):
        found = []
        for container, conditions in self.read(node.value, scope):
            for key, more in self.read(node.slice, scope):
                together = {**conditions, **more}
                found += [(value, {**together, **extra}) for value, extra in self.part(container, key, node)]
        return found

    def part(self, container, key, node):
        if isinstance(container, Mapping):
            known = key.value if isinstance(key, Number) else key
            if isinstance(known, str) and "\ue000" not in known:
                return container.entries.get(known, hole(node))
            ways = [(value, {**more, ("key", id(container)): name}) for name, outcomes in container.entries.items() for value, more in outcomes]
            return ways or hole(node)
        if isinstance(container, Sequence) and isinstance(key, Number) and isinstance(key.value, int):
            if -len(container.items) <= key.value < len(container.items):
                return one(container.items[key.value])
        return hole(node)

    def read_Attribute(self, node, scope):
        found = []
        for value, conditions in self.read(node.value, scope):
            if isinstance(value, Instance):
                found += [(inner, {**conditions, **more}) for inner, more in self.attribute(value, node)]
            elif isinstance(value, Mapping) and node.attr in value.entries:
                found += [(inner, {**conditions, **more}) for inner, more in value.entries[node.attr]]
        if not found and isinstance(node.value, ast.Name):
            source = scope.module.imports.get(node.value.id)
            module = source and self.tree.module_named(f"{source[0]}.{source[1]}" if source[1] else source[0])
            if module:
                return self.top_level(node.attr, module, node)
        return found

    def attribute(self, instance, node):
        """What stands in an attribute of an object: what any method of its class put there."""
        module, found = instance.module, []
        for part in ast.walk(instance.definition):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == node.attr and part.value is not None:
                    method = module.function_of(part)
                    made = instance.bound if method is not None and method.name == "__init__" else NOBODY
                    found += self.read(part.value, Scope(module, method, made))
                elif isinstance(target, ast.Name) and target.id == node.attr and module.function_of(part) is None:
                    found += self.read(part.value, Scope(module, None, NOBODY))
        known = [way for way in found if not isinstance(way[0], Hole)]
        return known or found or hole(node)
