"""Lists the HTTP routes that GET answers in scripts of a checkout, without running any of them.

Standard input: {"root": folder, "scripts": [path relative to the root, ...]}.
Standard output: [{"script", "path", "line", "parameters", "query", "constant"}, ...]: `parameters` are the names in the
path, `query` the names that a caller has to give, `constant` true where the handler says that all is well without asking
anything. Only the standard library; writes nothing.
"""
import ast
import json
import os
import re
import sys

#: What a handler may call and still know nothing: the time, a text, a port of the manifest.
KNOWS_NOTHING = {"now", "utcnow", "today", "isoformat", "strftime", "time", "jsonify", "str", "int", "print", "info", "debug"}
#: What FastAPI gives a handler by itself.
GIVEN = {"Request", "Response", "BackgroundTasks", "WebSocket"}


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def prefixes_of(tree):
    """Router variable -> the prefix that it was made with."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name_of(node.value) in ("APIRouter", "Blueprint"):
            for keyword in node.value.keywords:
                if keyword.arg in ("prefix", "url_prefix") and text_of(keyword.value):
                    for target in node.targets:
                        found[getattr(target, "id", "")] = text_of(keyword.value)
    return found


def path_of(decorator, prefixes):
    """The path that a decorator gives to GET, or None."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute) or not decorator.args:
        return None
    verb, path = decorator.func.attr, text_of(decorator.args[0])
    if verb == "route" and path == "GET" and len(decorator.args) > 1:
        # A framework that takes the method first.
        path, verb = text_of(decorator.args[1]), "get"
    if path is None or not path.startswith("/") or verb not in ("get", "route", "api_route"):
        return None
    if verb != "get":
        methods = next((keyword.value for keyword in decorator.keywords if keyword.arg == "methods"), None)
        named = [text_of(one) for one in getattr(methods, "elts", [])] if methods is not None else ["GET"]
        if "GET" not in [(one or "").upper() for one in named]:
            return None
    return prefixes.get(getattr(decorator.func.value, "id", ""), "") + path


def is_constant(function):
    """True for a handler that says "healthy" whatever is the case."""
    calls = {name_of(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
    decorators = {name_of(one) for one in function.decorator_list if isinstance(one, ast.Call)}
    if calls - decorators - KNOWS_NOTHING:
        return False
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            pairs = {text_of(key): text_of(value) for key, value in zip(node.keys, node.values) if key is not None}
            if pairs.get("status") in ("healthy", "ok", "running"):
                # What it puts beside the word may be a fact after all.
                known = {"status", "service", "port", "timestamp", "port_system", "version", "message"}
                return {text_of(key) for key in node.keys if key is not None} <= known
    return False


def wanted_query(function, parameters):
    given = function.args.args[: len(function.args.args) - len(function.args.defaults)]
    wanted = []
    for argument in given:
        kind = getattr(argument.annotation, "id", getattr(argument.annotation, "attr", ""))
        if argument.arg not in parameters and kind not in GIVEN and argument.arg not in ("self", "request"):
            wanted.append(argument.arg)
    return wanted


def routes_of(root, script):
    with open(os.path.join(root, script), "rb") as file:
        tree = ast.parse(file.read())
    prefixes = prefixes_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for decorator in node.decorator_list:
            path = path_of(decorator, prefixes)
            if path is None:
                continue
            parameters = [name.split(":")[-1] if "<" in path else name.split(":")[0] for name in re.findall(r"[{<]([^}>]+)[}>]", path)]
            yield {
                "script": script,
                "path": path,
                "line": decorator.lineno,
                "parameters": parameters,
                "query": wanted_query(node, parameters),
                "constant": is_constant(node),
            }


def main():
    asked = json.load(sys.stdin)
    found = []
    for script in asked["scripts"]:
        try:
            found.extend(routes_of(asked["root"], script))
        except (OSError, SyntaxError, ValueError):
            continue  # That it is missing or does not compile is another question's to say.
    json.dump(sorted(found, key=lambda route: (route["script"], route["line"])), sys.stdout)


main()
