"""What every room of tests may use: the fixture `installation`."""

pytest_plugins = ["core.testing.fixtures"]
