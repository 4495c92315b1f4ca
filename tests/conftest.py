"""What every room of tests may use: the fixtures `installation`, and `database_url` for each kind of database."""

import os
import signal
import sys

pytest_plugins = ["core.testing.fixtures", "tests.databases"]

# A shell that starts the tests in its background has SIGINT ignored, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The tests start a thousand processes, and where no bytecode is kept each of them compiles all of core anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
