"""Reads the programs of a checkout without running any of them.

Standard input: {"root": folder, "scripts": [path relative to the root, ...]}.
Standard output: {"scripts": {script: true or one-line error, or null where there is no file},
"broken": {imported file: one-line error}, "imports": [{"module", "names", "where", "guarded"}, ...],
"files": [absolute path of every file that was read]}.
Only the standard library; writes nothing, so no compiled file lands in the checkout.
"""

import ast
import json
import os
import sys


def one_line(error):
    where = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}{where}: {what}"


def read(path):
    """The syntax tree of a file, compiled to the end because some errors only show there."""
    with open(path, "rb") as file:
        source = file.read()
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    compile(source, path, "exec", dont_inherit=True)
    return tree


def names_caught(handler):
    if handler.type is None:
        return {"BaseException"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {getattr(kind, "id", "") for kind in kinds}


def is_optional(node, inside_function):
    """Whether a try says that its imports may be missing.

    REC.IO wraps whole functions in "except Exception", which says nothing about imports; so a broad handler counts
    only at the top of a module.
    """
    caught = set().union(*(names_caught(handler) for handler in node.handlers))
    broad = not inside_function and bool(caught & {"Exception", "BaseException"})
    return broad or bool(caught & {"ImportError", "ModuleNotFoundError"})


def imports_of(tree):
    """(module, names, level, line, guarded) of every import statement, also those inside functions."""
    found = []

    def visit(node, guarded, inside):
        if isinstance(node, ast.Import):
            found.extend((alias.name, [], 0, node.lineno, guarded) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names if alias.name != "*"]
            found.append((node.module or "", names, node.level, node.lineno, guarded))
        elif isinstance(node, ast.Try):
            caught = guarded or is_optional(node, inside)
            for child in node.body:
                visit(child, caught, inside)
            for child in [*node.handlers, *node.orelse, *node.finalbody]:
                visit(child, guarded, inside)
            return
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            # A handler around a definition catches nothing of what happens when it is called.
            guarded, inside = False, True
        for child in ast.iter_child_nodes(node):
            visit(child, guarded, inside)

    visit(tree, False, False)
    return found


def file_of(module, folders):
    """The file in the checkout that a module name leads to, "" for a bare package, None where it is not ours."""
    parts = module.split(".")
    for folder in folders:
        place = os.path.join(folder, *parts)
        if os.path.isfile(place + ".py"):
            return place + ".py"
        if os.path.isfile(os.path.join(place, "__init__.py")):
            return os.path.join(place, "__init__.py")
        top = os.path.join(folder, parts[0])
        # A folder without Python in it (docs, config) does not stand before an installed package of its name.
        if os.path.isdir(top) and any(name.endswith(".py") for _, _, names in os.walk(top) for name in names):
            return ""
        if os.path.isfile(top + ".py"):
            return ""
    return None


def main():
    asked = json.load(sys.stdin)
    root, scripts = asked["root"], asked["scripts"]
    results, broken, imports = {}, {}, {}
    trees = {}
    waiting = []
    for script in scripts:
        path = os.path.join(root, script)
        if not os.path.isfile(path):
            results[script] = None
            continue
        waiting.append((path, os.path.dirname(path)))
    seen = set()
    while waiting:
        path, home = waiting.pop(0)
        if (path, home) in seen:
            continue
        seen.add((path, home))
        relative = os.path.relpath(path, root)
        if path not in trees:
            try:
                trees[path] = imports_of(read(path))
                error = True
            except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as problem:
                trees[path] = []
                error = one_line(problem)
            if relative in scripts:
                results[relative] = error
            elif error is not True:
                broken[relative] = error
        folders = [home, root, os.path.join(root, "backend")]
        for module, names, level, line, guarded in trees[path]:
            if level:
                base = os.path.dirname(path)
                for _ in range(level - 1):
                    base = os.path.dirname(base)
                candidates = [(module, [base])] if module else []
                candidates += [(f"{module}.{name}" if module else name, [base]) for name in names]
            else:
                if module.split(".")[0] in sys.stdlib_module_names:
                    continue
                if file_of(module, folders) is None:
                    key = (module, guarded)
                    entry = imports.setdefault(key, {"module": module, "names": [], "where": [], "guarded": guarded})
                    entry["names"] = sorted({*entry["names"], *names})
                    if len(entry["where"]) < 5:
                        entry["where"].append(f"{relative}:{line}")
                    continue
                candidates = [(module, folders)] + [(f"{module}.{name}", folders) for name in names]
            for name, places in candidates:
                target = file_of(name, places)
                if target:
                    waiting.append((target, home))
    entries = sorted(imports.values(), key=lambda entry: (entry["module"], entry["guarded"]))
    json.dump({"scripts": results, "broken": broken, "imports": entries, "files": sorted(trees)}, sys.stdout)


main()
