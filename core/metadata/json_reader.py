"""JSON files, with messages that name file and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.exceptions import MetadataError
from core.metadata.repeated_keys import repeated_keys


def load_json(path: Path, on_repeated_key: Callable[[int, str], object] = lambda line, path: None) -> Any:
    """The document of a file; of a key that stands twice in an object the last one counts, as everywhere with JSON.

    `on_repeated_key` is called with its line and its path. Raises MetadataError with file, line and reason.
    """
    is_repeated = False

    def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal is_repeated
        result = dict(pairs)
        is_repeated = is_repeated or len(result) < len(pairs)
        return result

    try:
        text = path.read_text("utf-8")
        document = json.loads(text, object_pairs_hook=as_object, parse_constant=_refuse)
        for line, key in repeated_keys(text) if is_repeated else ():
            on_repeated_key(line, key)
        return document
    except json.JSONDecodeError as error:
        reason = error.msg if text.strip() else "the file is blank"
        raise MetadataError(f"{path}:{error.lineno}: {reason}") from error
    except UnicodeDecodeError as error:
        raise MetadataError(f"{path}: it is not UTF-8 ({error.reason} at byte {error.start})") from error
    except OSError as error:
        raise MetadataError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise MetadataError(f"{path}: {error}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
