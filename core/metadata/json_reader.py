"""JSON files, with messages that name file and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.exceptions import MetadataError


def load_json(path: Path, on_repeated_key: Callable[[str], object] = lambda key: None) -> Any:
    """The document of a file; of a key that stands twice in an object the last one counts, as everywhere with JSON.

    Raises MetadataError with file, line and reason.
    """

    def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            keys = [key for key, _ in pairs]
            for key in result:
                if keys.count(key) > 1:
                    on_repeated_key(key)
        return result

    try:
        text = path.read_text("utf-8")
        return json.loads(text, object_pairs_hook=as_object, parse_constant=_refuse)
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
