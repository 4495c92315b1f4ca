"""Changing single values in the source of `data/config.py`: all else stays as its author wrote it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.config.source_text import SourceText
from core.exceptions import ConfigurationError

INDENT = "    "
EMPTY = "config = {\n}\n"
REMOVED = object()

Keys = tuple[Any, ...]


def rewrite(source: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The source with what differs between the two, at any depth, changed, added or removed.

    Raises ConfigurationError where that would replace an expression: it would freeze its present value, which may be a
    secret from the environment, into the file.
    """
    for keys, value in differences(before, after):
        source = changed(SourceText(source), keys, value)
    return source


def differences(before: Mapping[Any, Any], after: Mapping[Any, Any], keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """The keys, outermost first, of each value that differs, and what it is to be: a new value, or REMOVED."""
    for key in before.keys() - after.keys():
        yield (*keys, key), REMOVED
    for key, value in after.items():
        if key in before and isinstance(before[key], dict) and isinstance(value, dict):
            yield from differences(before[key], value, (*keys, key))
        elif key not in before or repr(before[key]) != repr(value):  # repr: 1, 1.0 and True are three values
            yield (*keys, key), value


def is_expression(text: str, keys: Keys) -> bool:
    """Whether a value, or what holds it, comes from an expression; one that is not there comes from none."""
    try:
        node: ast.expr = value_of_config(SourceText(text))
        for key in keys:
            index = find(node, key) if isinstance(node, ast.Dict) else None
            if index is None or not isinstance(node, ast.Dict):
                return not isinstance(node, ast.Dict)
            node = node.values[index]
        ast.literal_eval(node)
    except (ConfigurationError, SyntaxError, ValueError):
        return True
    return False


def changed(source: SourceText, keys: Keys, value: Any) -> str:
    """The text with one value changed, added or removed."""
    holder = holder_of(source, keys)
    index = find(holder, keys[-1])
    if index is None:
        return added(source, holder, keys, value)
    if value is REMOVED:
        return removed(source, holder, index)
    return replaced(source, holder.values[index], keys, value)


def holder_of(source: SourceText, keys: Keys) -> ast.Dict:
    """The dict that the last of the keys belongs into."""
    node: ast.expr = value_of_config(source)
    for depth, key in enumerate(keys[:-1]):
        index = find(node, key) if isinstance(node, ast.Dict) else None
        if not isinstance(node, ast.Dict) or index is None:
            raise refusal(source, keys[:depth], node)
        node = node.values[index]
    if not isinstance(node, ast.Dict):
        raise refusal(source, keys[:-1], node)
    return node


def value_of_config(source: SourceText) -> ast.expr:
    """What the file assigns to `config`."""
    for statement in reversed(source.tree.body):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if value is not None and any(isinstance(target, ast.Name) and target.id == "config" for target in targets):
            return value  # type: ignore[no-any-return]  # the value of an assignment is an expression
    raise ConfigurationError("it does not assign to `config`")


def find(holder: ast.Dict, key: Any) -> int | None:
    """The position of a key that stands in a dict as it is; of two that are equal Python takes the last one."""
    for index in reversed(range(len(holder.keys))):
        node = holder.keys[index]
        if isinstance(node, ast.Constant) and repr(node.value) == repr(key):
            return index
    return None


def replaced(source: SourceText, node: ast.expr, keys: Keys, value: Any) -> str:
    try:
        ast.literal_eval(node)
    except ValueError:
        raise refusal(source, keys, node) from None
    start, end = source.span(node)
    return source.text[:start] + literal(value, source.indent_at(start)) + source.text[end:]


def added(source: SourceText, holder: ast.Dict, keys: Keys, value: Any) -> str:
    """The text with a new entry at the end of a dict, in the manner of the entries that it has."""
    if value is REMOVED:
        raise refusal(source, keys, holder)
    text = source.text
    start, end = source.span(holder)
    last = source.token_before(end - 1)
    outer = source.indent_at(start)
    inner = max(source.indent_at(source.span(holder.values[-1])[0]) if holder.values else "", outer + INDENT, key=len)
    comma = "" if last.text in ("{", ",") else ","
    if holder.values and "\n" not in text[start:end]:
        return text[: last.end] + f"{comma} {entry(keys[-1], value, outer)}" + text[last.end :]
    comments = text[last.end : end - 1].rpartition("\n")[0]
    return text[: last.end] + f"{comma}{comments}\n{inner}{entry(keys[-1], value, inner)},\n{outer}" + text[end - 1 :]


def removed(source: SourceText, holder: ast.Dict, index: int) -> str:
    """The text without an entry; where it has its lines to itself, without them and the comment at their end."""
    key = holder.keys[index]
    assert key is not None
    text, start = source.text, source.span(key)[0]
    end = source.end_of_entry(source.span(holder.values[index])[1])
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.index("\n", end) + 1 if "\n" in text[end:] else len(text)
    before, behind = text[line_start:start], text[end:line_end].strip()
    if not before.strip() and (not behind or behind.startswith("#")):
        return text[:line_start] + text[line_end:]
    return text[:start] + text[end:].lstrip(" ")


def refusal(source: SourceText, keys: Keys, node: ast.expr) -> ConfigurationError:
    """The error that says which expression stands in the way."""
    name = f"'{'.'.join(map(str, keys))}'" if keys else "`config`"
    written = ast.get_source_segment(source.text, node) or ""
    shown = written if "\n" not in written else f"{written.splitlines()[0]} ..."
    return ConfigurationError(
        f"line {node.lineno}: {name} comes from an expression, `{shown}`: saving would freeze its present value "
        "into the file. Change it there by hand."
    )


def entry(key: Any, value: Any, indent: str) -> str:
    return f"{literal(key, indent)}: {literal(value, indent)}"


def literal(value: Any, indent: str = "") -> str:
    """A value as Python source, a dict with one line for each key; ConfigurationError for what has no literal."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        inner = indent + INDENT
        lines = "".join(f"{inner}{entry(key, item, inner)},\n" for key, item in value.items())
        return f"{{\n{lines}{indent}}}" if lines else "{}"
    if isinstance(value, list):
        return f"[{', '.join(literal(item, indent) for item in value)}]"
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and abs(value) < float("inf")):
        return repr(value)
    raise ConfigurationError(
        f"{value!r} cannot be written into a configuration; it may hold texts, numbers, True, "
        "False, None, lists and dicts."
    )
