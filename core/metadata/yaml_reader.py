"""YAML as a second way to write JSON: YAML 1.2 scalars, text keys, no key twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from core.exceptions import MetadataError

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built without libyaml; a type checker sees one of the two only
    from yaml import SafeLoader  # type: ignore[assignment] # the slow twin, with the same methods


def load_yaml(path: Path) -> Any:
    """The one document of a file; None for a blank one.

    `on`, `yes` and dates are strings, as in YAML 1.2. Raises MetadataError with file and line for a file that cannot be
    read, has a key twice, or holds a tag.
    """
    try:
        return yaml.load(path.read_bytes(), Yaml12Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise MetadataError(f"{place}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MetadataError(f"{path}: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise MetadataError(f"{path}: {error.strerror}") from error


class Yaml12Loader(SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2's core schema, without `.inf` and `.nan`: JSON has no such."""

    # PyYAML would add to the resolvers of its own class, which know `on`, `12:30:00` and `2026-11-23`.
    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own attribute


def _construct_mapping(loader: Yaml12Loader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _error("a key is a text, not a list or an object", key_node)
        if key_node.value in mapping:
            raise _error(f"the key {key_node.value!r} stands here twice", key_node)
        if key_node.value == "<<" and not key_node.style:
            raise _error("YAML 1.2 has no merge key '<<'", key_node)
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_sequence(loader: Yaml12Loader, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(item, deep=True) for item in node.value]


def _construct_integer(loader: Yaml12Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _error(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


#: Tag, what a plain scalar of it looks like, its first characters, and what makes the value.
_SCALARS: list[tuple[str, str, str, Callable[..., Any]]] = [
    ("null", r"~|null|Null|NULL|", "~nN", SafeLoader.construct_yaml_null),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF", SafeLoader.construct_yaml_bool),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789", _construct_integer),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+",
        "-+.0123456789",
        lambda loader, node: float(loader.construct_scalar(node)),
    ),
]

for _tag, _pattern, _first, _construct in _SCALARS:
    _first_characters = [*_first, *([""] if _tag == "null" else [])]
    Yaml12Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first_characters)
    Yaml12Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct)
Yaml12Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
Yaml12Loader.add_constructor("tag:yaml.org,2002:seq", _construct_sequence)
