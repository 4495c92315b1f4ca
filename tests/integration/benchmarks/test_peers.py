"""Other job systems are drained as ours is, and have a figure only if each job ran exactly once."""

import sys
from pathlib import Path

import pytest

from benchmarks.options import Options
from benchmarks.peers.environment import NoEnvironment
from benchmarks.peers.peer import Peer
from benchmarks.peers.servers import REDIS
from benchmarks.peers.standings import OURS, Standing, measure, print_standings, standings_document

FIFO = Peer("Fifo", "tests.integration.benchmarks.fifo_system")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(jobs=40, workers=4, runs=1, seconds=1, synchronous="FULL", folder=tmp_path)


def our_python() -> Path:
    return Path(sys.executable)


def test_the_table_sets_ours_beside_a_peer_and_names_who_is_absent(
    options: Options, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEST_REDIS_URL", "redis://127.0.0.1:1")

    standings = measure(options, our_python, ours=OURS[:1], peers=[FIFO, Peer("Away", "no.matter", REDIS)])
    capsys.readouterr()
    print_standings(standings, options)

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].split() == ["peers", "jobs/s", "runs", "PyAtro,", "SQLite", "to", "it"]
    assert [line.split()[0] for line in lines[1:4]] == ["PyAtro,", "Fifo", "Away"]
    assert lines[3].endswith("NOT MEASURED: no Redis answers: start a server, or name one in TEST_REDIS_URL")
    ours, fifo, away = standings_document(standings, options)["systems"]
    assert lines[2].endswith(f"{ours['runs'][0] / fifo['runs'][0]:.2f}")
    assert away["median"] is None


def test_a_system_that_runs_a_job_twice_has_no_figure(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFO_REPEATS", "1")

    [standing] = measure(options, our_python, ours=[], peers=[FIFO])

    assert standing.rate is None
    assert standing.fault.startswith("NO FIGURE: of 40 jobs 1 did not run, 1 ran more than once")


def test_a_system_that_does_not_start_has_no_figure(options: Options) -> None:
    [standing] = measure(options, our_python, ours=[], peers=[Peer("Nobody", "tests.no_such_system")])

    assert standing.rate is None
    assert "No module named 'tests.no_such_system'" in standing.fault


def test_peers_that_cannot_be_installed_are_not_measured(options: Options) -> None:
    def no_python() -> Path:
        raise NoEnvironment("pip ended with 1")

    assert measure(options, no_python, ours=[], peers=[FIFO]) == [
        Standing("Fifo", [], "NOT MEASURED: pip ended with 1")
    ]
