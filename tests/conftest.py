"""What every room of tests may use: the fixtures `installation`, and `database_url` for each kind of database."""

import signal

pytest_plugins = ["core.testing.fixtures", "tests.databases"]

# A shell that starts the tests in its background has SIGINT ignored, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
