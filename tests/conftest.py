"""What every room of tests may use: the fixtures `installation`, and `database_url` for each kind of database."""

import os
import signal
import sys

from hypothesis import HealthCheck, settings

pytest_plugins = ["core.testing.fixtures", "tests.databases"]

# A shell that starts the tests in its background has SIGINT ignored, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The tests start a thousand processes, and where no bytecode is kept each of them compiles all of core anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long inputs take to be made says something of the machine only.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
