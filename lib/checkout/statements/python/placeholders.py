"""Statements as the server has to see them: one at a time, with its own placeholders."""

import re

PART = re.compile(r"('(?:[^']|'')*')|(--[^\n]*)|%\((\w+)\)s|(%s)|%%|\$(\d+)")


def numbered(text, with_values, sender):
    """The text with $1, $2, …, and how many there are. Inside quotes psycopg writes the value itself: a 1 stands for it."""
    names, count = {}, 0

    def place(found):
        nonlocal count
        quoted, comment, name, plain, given = found.groups()
        if quoted is not None:
            return re.sub(r"%s|%\(\w+\)s", "1", quoted).replace("%%", "%") if with_values else quoted
        if comment is not None:
            return ""
        if given is not None:
            count = max(count, int(given))
            return found.group(0)
        if name is not None:
            if name not in names:
                count += 1
                names[name] = count
            return f"${names[name]}"
        if plain is not None:
            count += 1
            return f"${count}"
        return "%" if with_values else "%%"

    if sender == "execute_values":
        columns = re.search(r"\(([^()]*)\)\s*VALUES\s+%s", text, re.I)
        row = ", ".join(["%s"] * (columns.group(1).count(",") + 1 if columns else 1))
        text = re.sub(r"VALUES\s+%s", lambda _: f"VALUES ({row})", text, flags=re.I)
    text = re.sub(r"\b(IN)\s+(%s|%\(\w+\)s)", r"\1 (\2)", text, flags=re.I)
    return PART.sub(place, text).strip().rstrip(";").rstrip(), count


def pieces(text):
    """The statements of one text, as they stand between semicolons outside of quotes."""
    parts = re.findall(r"(?:'(?:[^']|'')*'|--[^\n]*|[^;'])+", text)
    return [part for part in parts if part.strip()]


TABLE = re.compile(r"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.\"]+)", re.I)
INDEX = re.compile(r"CREATE\s+(?:UNIQUE\s+)?INDEX\b.*?\bON\s+([\w.\"]+)\s*(?:USING\s+\w+\s*)?\(([\w\s,\"]+)\)", re.I | re.S)


def made_by(sql, kind):
    """What a definition makes or needs: a table's name, or a query that stands where its index can stand."""
    if kind != "definition":
        return {}
    table, index = TABLE.search(sql), INDEX.search(sql)
    if table:
        return {"makes": table.group(1).replace('"', "")}
    if index:
        columns = re.sub(r"\b(ASC|DESC|NULLS|FIRST|LAST)\b", "", index.group(2), flags=re.I)
        return {"needs": f"SELECT {columns} FROM {index.group(1)}"}
    return {}
