"""What a name holds at a place in the source: the history of everything that was put into it above that place."""

import ast

from values import MOST, NOBODY, Hole, Mapping, Scope, Sequence, hole, one, product, text_of


class NameReader:
    def read_Name(self, node, scope):
        if node.id in getattr(scope, "bound", {}):
            return one(scope.bound[node.id])
        function = scope.function
        while function is not None:
            if node.id in self.parameters(function) or self.writes(scope.module, function).get(node.id):
                inner = scope if function is scope.function else Scope(scope.module, function)
                return self.local(node, inner)
            function = scope.module.function_of(function)
        return self.top_level(node.id, scope.module, node)

    def top_level(self, name, module, node):
        writes = self.writes(module, None).get(name)
        if writes:
            return self.replay(writes, node, Scope(module, None, NOBODY), [], name)
        source = module.imports.get(name)
        if source and source[1]:
            other = self.tree.module_named(source[0])
            if other is not None and other is not module:
                return self.top_level(source[1], other, node)
        return hole(node)

    @staticmethod
    def parameters(function):
        given = function.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        return {arg.arg for arg in [*named, *filter(None, [given.vararg, given.kwarg])]}

    def local(self, node, scope):
        writes = self.writes(scope.module, scope.function).get(node.id, [])
        begin = []
        if node.id in self.parameters(scope.function):
            begin = self.parameter(node.id, scope)
        return self.replay(writes, node, scope, begin, node.id)

    def writes(self, module, function):
        """Name → every place in a function (or at a file's top level) that gives it something, in order."""
        key = (module.path, function)
        if key in self.writes_in:
            return self.writes_in[key]
        found = {}

        def note(name, kind, node, value):
            found.setdefault(name, []).append((node.lineno, node.col_offset, kind, node, value))

        for node in ast.walk(function if function is not None else module.tree):
            if node is function or not hasattr(node, "lineno") or module.function_of(node) is not function:
                continue
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self.note_target(note, target, node, node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                self.note_target(note, node.target, node, node.value)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and isinstance(node.op, ast.Add):
                note(node.target.id, "plus", node, node.value)
            elif isinstance(node, (ast.For, ast.AsyncFor)):
                for name in ast.walk(node.target):
                    if isinstance(name, ast.Name):
                        note(name.id, "loop", node, node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
                if isinstance(node.func.value, ast.Name) and node.func.attr in ("append", "extend", "add", "update"):
                    note(node.func.value.id, node.func.attr, node, node.args[0])
        for list_of in found.values():
            list_of.sort(key=lambda write: write[:2])
        self.writes_in[key] = found
        return found

    @staticmethod
    def note_target(note, target, node, value):
        if isinstance(target, ast.Name):
            note(target.id, "set", node, value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one_target, one_value in zip(target.elts, value.elts):
                if isinstance(one_target, ast.Name):
                    note(one_target.id, "set", node, one_value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for name in target.elts:
                if isinstance(name, ast.Name):
                    note(name.id, "unknown", node, value)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            note(target.value.id, "key", node, (target.slice, value))

    def replay(self, writes, node, scope, state, name):
        """What a name holds at a place, after everything that was given to it above that place."""
        module = scope.module
        same = module.function_of(node) is scope.function
        here = (node.lineno, node.col_offset)
        around = module.branches(node, scope.function) if same else {}
        for line, column, kind, write, value in writes:
            if same and (line, column) >= here:
                break
            if any(part is node for part in ast.walk(write)) and kind not in ("loop",):
                continue
            taken = module.branches(write, scope.function)
            if any(around.get(key, way) != way for key, way in taken.items()):
                continue
            extra = {key: way for key, way in taken.items() if key not in around}
            state = self.after(state, kind, write, value, extra, scope, (node, name))
        return state

    def after(self, state, kind, write, value, extra, scope, wanted):
        node, name = wanted
        decided = {key: self.decide(key.test, scope) for key in extra if isinstance(key, ast.If)}
        if any(known is not None and known != (extra[key] == "body") for key, known in decided.items()):
            return state
        extra = {key: way for key, way in extra.items() if decided.get(key) is None}
        if kind in ("append", "extend", "add", "update", "key"):
            return [(self.grown(held, kind, write, value, scope, node), more) for held, more in state]
        if kind == "loop":
            return self.items_of_loop(write, name, scope, node) or state
        new = one(Hole(name)) if kind == "unknown" else self.read(value, scope)
        if kind == "plus":
            new = product([state, new], self.added)
        changed = [(held, {**more, **extra}) for held, more in new if all(more.get(k, w) == w for k, w in extra.items())]
        if not extra:
            return changed
        other = {"body": "orelse", "orelse": "body", "handlers": "body"}
        kept = [
            (held, {**more, key: other[way]})
            for held, more in state
            for key, way in extra.items()
            if more.get(key, other[way]) == other[way]
        ]
        return (changed + kept)[:MOST]

    def grown(self, held, kind, write, value, scope, node):
        """A list or a dictionary after something was put into it, once for each turn of the loops around that."""
        if kind == "key":
            if not isinstance(held, Mapping):
                return held
            keys = self.read(value[0], scope)
            known = [key for key, _ in keys if isinstance(key, str) and "\ue000" not in key]
            more = {key: self.read(value[1], scope) for key in known}
            return Mapping({**held.entries, **more}, held.whole and len(known) == len(keys))
        outcomes = self.read(value, scope)
        if kind == "update":
            for other, _ in outcomes:
                if isinstance(held, Mapping) and isinstance(other, Mapping):
                    held = Mapping({**held.entries, **other.entries}, held.whole and other.whole)
                elif isinstance(held, Mapping):
                    held = Mapping(held.entries, False)
            return held
        if not isinstance(held, Sequence):
            return held
        if kind == "extend":
            for other, _ in outcomes[:1]:
                held = Sequence(held.items + getattr(other, "items", []), held.whole and getattr(other, "whole", False))
            return held
        in_loop = len(scope.module.loops(write, scope.function)) > len(scope.module.loops(node, scope.function))
        items = [item for item, _ in (outcomes if in_loop else outcomes[:1])]
        whole = held.whole and not (in_loop and any("\ue000" in text_of(item) for item in items))
        return Sequence(held.items + items, whole)

    def items_of_loop(self, loop, name, scope, node):
        """What a loop gives its variable: each item under the condition that it is that item's turn."""
        inside = any(around is loop and field == "body" for around, field in scope.module.above(node))
        found = []
        for items, conditions in self.read(loop.iter, scope):
            if not isinstance(items, Sequence):
                found.append((Hole(name), conditions))
                continue
            for at, item in enumerate(items.items):
                value = self.unpacked(loop.target, item, name)
                if value is not None:
                    found.append((value, {**conditions, (loop, "item"): at}))
            if not items.whole:
                found.append((Hole(name), {**conditions, (loop, "item"): "another"}))
        return found if inside else found[-1:]

    def unpacked(self, target, item, name):
        if isinstance(target, ast.Name):
            return item if target.id == name else None
        if isinstance(target, (ast.Tuple, ast.List)):
            for at, part in enumerate(target.elts):
                if any(isinstance(one_name, ast.Name) and one_name.id == name for one_name in ast.walk(part)):
                    inner = item.items[at] if isinstance(item, Sequence) and at < len(item.items) else Hole(name)
                    return self.unpacked(part, inner, name)
        return None
