"""Whatever is done to the queue in whatever order, it does what a plain model of it does, on every database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

from core.testing import Installation
from tests.conformance.conftest import Queue
from tests.conformance.queue_machine import STEPS, equip, run_machine
from tests.databases import MARIADB, POSTGRESQL, SQLITE

SHORT, LONG = 40, 300


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.fixture
def queue(installation: Installation) -> Iterator[Queue]:
    """An empty queue, and the model's job types."""
    equip(installation)
    with installation.application() as application:
        yield Queue(installation, application.container)


@pytest.mark.timeout(900)  # a failure takes its time to be made short
@pytest.mark.parametrize("examples", [SHORT, pytest.param(LONG, marks=pytest.mark.proof)])
def test_the_queue_does_what_its_model_does(queue: Queue, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    bounds = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        derandomize=examples == SHORT,
        phases=(Phase.generate, Phase.shrink),
    )

    done = run_machine(queue, monkeypatch, bounds)

    # A model that is never at work would agree with everything.
    assert min(done[deed] for deed in ("started", "ended", "refused", "taken back")) >= 20
