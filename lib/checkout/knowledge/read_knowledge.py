"""Reads what programs of a checkout take from outside and what they have built in, without running any of them.

Standard input: {"root": folder, "files": [absolute path, ...], "texts": [path relative to the root, ...]}.
Standard output: {"environment": [place], "hosts": [place], "credentials": [place]}, each place {"name", "file", "line"}.
The name of a credential is what it is for, never its value. Only the standard library; writes nothing.
"""
import ast
import ipaddress
import json
import os
import re
import sys
from urllib.parse import urlsplit

SECRET = re.compile(r"(^|_)(password|passwd|passphrase|pass|secret|api_?key|token|private_?key)$", re.I)
#: Words that stand in such a place and are no secret.
NO_SECRET = re.compile(r"^\s*$|^[<{%$]|^(none|null|true|false|your[_-].*|changeme|xxx+)$", re.I)
HERE = {"", "localhost", "0.0.0.0", "127.0.0.1", "::", "::1"}
URL = re.compile(r"\b(?:https?|wss?|postgres(?:ql)?)://[^\s\"'<>{}]+", re.I)
ADDRESS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])")
ASSIGNED = re.compile(r'\b([A-Z][A-Z0-9_]*)="([^"]*)"')


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def hosts_in(text):
    found = set()
    for url in URL.findall(text):
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            continue
        if "." in host:
            found.add(host)
    for address in ADDRESS.findall(text):
        try:
            ipaddress.ip_address(address)
        except ValueError:
            continue
        found.add(address)
    return {host for host in found if host not in HERE}


def is_secret(name, text):
    return name is not None and SECRET.search(name) is not None and text is not None and not NO_SECRET.match(text)


def name_of(node):
    return getattr(node, "attr", getattr(node, "id", None))


def variable_of(node):
    """The environment variable that an expression reads, with its default."""
    if isinstance(node, ast.Subscript) and name_of(node.value) == "environ":
        return text_of(node.slice), None
    if not isinstance(node, ast.Call) or not node.args:
        return None, None
    default = text_of(node.args[1]) if len(node.args) > 1 else None
    if name_of(node.func) == "getenv":
        return text_of(node.args[0]), default
    if name_of(node.func) in ("get", "setdefault") and name_of(getattr(node.func, "value", None)) == "environ":
        return text_of(node.args[0]), default
    return None, None


def documentation(tree):
    """The strings that only explain."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def read_python(path, note):
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    silent = documentation(tree)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        variable, default = variable_of(node)
        if variable is not None:
            note("environment", variable, line)
            if is_secret(variable, default):
                note("credentials", variable, line)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            for host in hosts_in(node.value):
                note("hosts", host, line)
        if isinstance(node, ast.keyword) and is_secret(node.arg, text_of(node.value)):
            note("credentials", node.arg, node.value.lineno)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if is_secret(name_of(target), text_of(node.value)):
                    note("credentials", name_of(target), line)
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if key is not None and is_secret(text_of(key), text_of(value)):
                    note("credentials", text_of(key), value.lineno)


def read_text(path, note):
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, 1):
            for host in hosts_in(text):
                note("hosts", host, number)
            for name, value in ASSIGNED.findall(text):
                if is_secret(name, value):
                    note("credentials", name, number)
                if name.endswith("HOST") and value not in HERE:
                    note("hosts", value, number)


def main():
    asked = json.load(sys.stdin)
    root = asked["root"]
    found = {"environment": set(), "hosts": set(), "credentials": set()}
    for path in [*asked["files"], *(os.path.join(root, text) for text in asked["texts"])]:
        relative = os.path.relpath(path, root)

        def note(kind, name, line, file=relative):
            found[kind].add((name, file, line))

        try:
            (read_python if path.endswith(".py") else read_text)(path, note)
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue  # That it is missing or does not compile is another question's to say.
    order = lambda place: (place[0], place[1], place[2])  # noqa: E731
    json.dump(
        {
            kind: [{"name": name, "file": file, "line": line} for name, file, line in sorted(places, key=order)]
            for kind, places in found.items()
        },
        sys.stdout,
    )


main()
