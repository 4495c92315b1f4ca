"""Reading the limits of job types."""

from __future__ import annotations

from typing import Any

import pytest

from core.job_queue.rate_window import Rate
from core.job_queue.type_limits import TypeLimits


class Metadata:
    """Job types by name."""

    def __init__(self, **types: Any) -> None:
        self._types = types

    def get(self, key: Any, default: Any = None) -> Any:
        assert key == ["app", "jobTypes"]
        return self._types or default


def test_most_types_have_no_limits() -> None:
    types = TypeLimits(Metadata(Plain={"priority": 5}, Broken=5))

    assert (types.limited, types.unique_keys, types.keyed) == ({}, {}, frozenset())


def test_limits_are_read() -> None:
    types = TypeLimits(
        Metadata(
            Few={"maxConcurrent": 2, "rateLimit": "5/minute"},
            ByKey={"concurrencyKey": "{a}", "maxConcurrentPerKey": 3},
            ByOne={"concurrencyKey": "{a}"},
            Once={"uniqueKey": "{a}"},
        )
    )

    assert (types.limited["Few"].most, types.limited["Few"].rate) == (2, Rate(5, 60))
    assert [types.limited[name].per_key for name in ("ByKey", "ByOne")] == [3, 1]
    assert [*types.unique_keys] == ["Once"]
    assert types.keyed == {"ByKey", "ByOne", "Once"}


@pytest.mark.parametrize(
    "entry",
    [
        {"maxConcurrent": 0},
        {"maxConcurrent": True},
        {"maxConcurrent": "two"},
        {"rateLimit": 5},
        {"rateLimit": "often"},
        {"concurrencyKey": "{{ payload.a }}"},
        {"uniqueKey": ["a"]},
    ],
)
def test_what_cannot_be_is_left_out_with_one_warning(entry: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    types = TypeLimits(Metadata(X=entry))

    assert (types.limited, types.unique_keys, types.limited) == ({}, {}, {})
    (warning,) = caplog.messages
    assert warning.startswith(f"app/jobTypes.json: {next(iter(entry))} of the job type 'X' is ")
