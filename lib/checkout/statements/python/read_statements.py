"""Finds every SQL statement that the programs of a checkout send, without running any of them.

Standard input: {"root": folder, "files": [absolute path, ...], "programs": [[script, [argument, ...]], ...]}.
Standard output: {"statements": [{"file", "line", "function", "kind", "sql", "values", "makes", "needs"}, ...],
"unread": [{"file", "line", "says"}, ...]}. A statement's placeholders are numbered as the server numbers them ($1).
"makes" is the table that a definition makes, "needs" a query that has an answer where an index can be made.
Only the standard library; writes nothing.
"""

import ast
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from placeholders import made_by, numbered, pieces  # noqa: E402
from reader import Reader  # noqa: E402
from tree import Tree  # noqa: E402
from values import CLOSE, HOLES, NOBODY, OPEN, NeedsCaller, Scope  # noqa: E402

# Where each method or function takes its statement from.
SENDERS = {
    "execute": 0, "executemany": 0, "fetch": 0, "fetchrow": 0, "fetchval": 0, "copy_expert": 0, "mogrify": 0,
    "read_sql": 0, "read_sql_query": 0, "execute_values": 1, "execute_batch": 1,
}
QUERIES = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|WITH|VALUES|MERGE|TABLE)\b", re.I)
DEFINITIONS = re.compile(r"(CREATE|ALTER|DROP|GRANT|REVOKE|TRUNCATE|COMMENT|REFRESH|REINDEX|DO)\b", re.I)
SESSION = re.compile(r"(SET|SHOW|BEGIN|COMMIT|ROLLBACK|START|SAVEPOINT|RELEASE|LISTEN|NOTIFY|VACUUM|ANALYZE|EXPLAIN|LOCK|COPY|RESET|PRAGMA)\b", re.I)
COMMENTS = re.compile(r"^(\s+|--[^\n]*(\n|$)|/\*.*?\*/)+", re.S)
# As many ways of calling as are followed for one statement.
MOST_WAYS = 400


def kind_of(text):
    start = COMMENTS.sub("", text, count=1)
    for kind, pattern in (("query", QUERIES), ("definition", DEFINITIONS), ("session", SESSION)):
        if pattern.match(start):
            return kind
    return None


def callers_of(tree, module, function):
    method = module.class_of(function) is not None
    for where, call in tree.calls.get(function.name, []):
        if where.function_of(call) is function:
            continue
        if method and isinstance(call.func, ast.Attribute):
            yield where, call
        elif not method and (isinstance(call.func, ast.Attribute) or tree.sees(where, function.name, module)):
            yield where, call


def ways_of(tree, reader, module, node):
    """Everything that an expression can be, over all callers of the functions that it depends on."""
    waiting, tried = [{}], 0
    while waiting and tried < MOST_WAYS:
        tried += 1
        reader.chosen = waiting.pop()
        reader.depth = 0
        try:
            for value, conditions in reader.read(node, Scope(module, module.function_of(node))):
                yield value, conditions, reader.chosen
        except NeedsCaller as needs:
            calls = list(callers_of(tree, needs.module, needs.function)) if len(reader.chosen) < 6 else []
            chosen = reader.chosen
            if not calls:
                waiting.append({**chosen, needs.function: NOBODY})
            for where, call in calls:
                waiting.append({**chosen, needs.function: (call, Scope(where, where.function_of(call)))})


def talks_to_a_file(module, node):
    """True where a statement goes to SQLite: its function opens such a file, or its module knows nothing else."""
    function = module.function_of(node)
    if function is not None and "sqlite3.connect" in ast.unparse(function):
        return True
    return "sqlite3" in module.imports and not {"psycopg2", "psycopg", "asyncpg"} & set(module.imports)


def begins(node):
    """The words that a text in the source begins with, "" where they are not written there."""
    if isinstance(node, ast.BinOp):
        return begins(node.left)
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    known = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return first.value.strip()[:40] if known else ""


def origin(module, node, chosen, text):
    """Where a person would look: at the text itself, which may stand with a caller."""
    if isinstance(node, ast.Name):
        function = module.function_of(node)
        caller = chosen.get(function)
        if caller and caller is not NOBODY:
            call, outer = caller
            names = [arg.arg for arg in function.args.args]
            if node.id in names and names.index(node.id) < len(call.args):
                return origin(outer.module, call.args[names.index(node.id)], chosen, text)
        found = node.lineno
        for write in sorted(ast.walk(function or module.tree), key=lambda one: getattr(one, "lineno", 0)):
            if not isinstance(write, ast.Assign) or write.lineno > node.lineno or module.function_of(write) is not function:
                continue
            named = any(isinstance(target, ast.Name) and target.id == node.id for target in write.targets)
            if named and begins(write.value) and text.strip().startswith(begins(write.value)):
                found = write.value.lineno
        return module, found, function
    return module, node.lineno, module.function_of(node)


def senders(tree):
    for module in tree.modules:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            at = SENDERS.get(name)
            if at is None or len(node.args) <= at or (name != "execute_values" and not isinstance(node.func, ast.Attribute) and at == 0):
                continue
            yield module, node, name, node.args[at], len(node.args) > at + 1 or bool(node.keywords)


def whole(found):
    """Statements in which a table's name depends on a request, once for each table of that family that others name."""
    names = {name for entry in found if not HOLES.search(entry["sql"]) for name in re.findall(r"\b\w+\.\w+\b", entry["sql"])}
    for entry in found:
        holes = HOLES.search(entry["sql"])
        if not holes:
            yield entry, None
            continue
        filled = [entry["sql"]]
        for pattern in set(re.findall(rf"\b\w+\.[\w{OPEN}]*{OPEN}[^{CLOSE}]*{CLOSE}\w*", entry["sql"])):
            wanted = re.compile("".join(r"\w+" if at % 2 else re.escape(part) for at, part in enumerate(HOLES.split(pattern))))
            members = sorted(name for name in names if wanted.fullmatch(name))
            filled = [text.replace(pattern, member) for text in filled for member in members]
        rest = [text for text in filled if HOLES.search(text)] or ([] if filled else [entry["sql"]])
        for text in filled:
            if not HOLES.search(text):
                yield {**entry, "sql": text}, None
        if rest:
            yield entry, HOLES.search(rest[0]).group(1)


def main():
    asked = json.load(sys.stdin)
    sys.setrecursionlimit(5000)
    tree = Tree(asked["root"], asked["files"], asked["programs"])
    reader = Reader(tree)
    found, unread, seen = [], {}, set()
    for module, call, sender, node, with_values in senders(tree):
        if talks_to_a_file(module, call):
            continue
        known = False
        for value, _, chosen in ways_of(tree, reader, module, node):
            if not isinstance(value, str) or kind_of(value) is None:
                continue
            known = True
            where, line, function = origin(module, node, chosen, value)
            for piece in pieces(value):
                kind = kind_of(piece)
                if kind is None or (where.name, line, piece) in seen:
                    continue
                seen.add((where.name, line, piece))
                sql, values = numbered(piece, with_values, sender)
                entry = {"file": where.name, "line": line, "function": getattr(function, "name", ""), "kind": kind}
                found.append({**entry, "sql": sql, "values": values, **made_by(sql, kind)})
        function = module.function_of(call)
        nobody_calls = function is not None and not tree.calls.get(function.name) and isinstance(node, ast.Name) and node.id in Reader.parameters(function)
        if not known and not nobody_calls and sender.startswith(("execute", "read_sql", "copy")) and "submit" not in ast.unparse(call.func):
            if {"psycopg2", "psycopg", "asyncpg"} & set(module.imports):
                unread[(module.name, node.lineno)] = "its text cannot be told by reading"
    statements, resolved = {}, set()
    open_ones = {}
    for entry, missing in whole(found):
        place = (entry["file"], entry["line"])
        if missing is None:
            resolved.add(place)
            statements[(*place, entry["sql"])] = entry
        else:
            open_ones[place] = f"it depends on {missing}, which only a request tells"
    for place, says in open_ones.items():
        if place not in resolved:
            unread[place] = says
    json.dump(
        {
            "statements": sorted(statements.values(), key=lambda entry: (entry["file"], entry["line"], entry["sql"])),
            "unread": [{"file": file, "line": line, "says": says} for (file, line), says in sorted(unread.items())],
        },
        sys.stdout,
    )


main()
