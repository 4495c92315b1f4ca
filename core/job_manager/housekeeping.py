"""What the daemon does beside the jobs: obeying a changed configuration, rotating the log."""

from __future__ import annotations

from pathlib import Path

from core import clock
from core.config import Config
from core.container import Container
from core.exceptions import ConfigurationError
from core.log import LogFile, logger, rotate

_ROTATE_SECONDS = 60.0
_MEBIBYTE = 1_048_576


class Housekeeping:
    """Cheap enough to be called every second."""

    def __init__(self, container: Container) -> None:
        self._config: Config = container.get("config")
        self._log_file: LogFile = container.get("logFile")
        self._faults = self._config.check()  # the start has said them
        self._rotate_at = 0.0

    def obey_config(self) -> None:
        """Take over a changed `data/config.py`; what is wrong is said once, and the last good settings stay."""
        changed = self._config.reload_if_changed()
        before, self._faults = self._faults, self._config.check()
        for fault in self._faults:
            if fault not in before:
                logger.error("%s", fault)
        if changed:
            try:
                self._log_file.set_level(self._config.get("logger.level"))
            except ConfigurationError as error:
                logger.error("%s", error)
            logger.info("The configuration was read again.")

    def rotate_log(self) -> None:
        """Once a minute: rename a log that has grown too long."""
        if clock.monotonic() < self._rotate_at:
            return
        self._rotate_at = clock.monotonic() + _ROTATE_SECONDS
        rotate_as_configured(self._log_file.path, self._config)


def rotate_as_configured(path: Path, config: Config) -> None:
    """Rename a log that is longer than `logger.maxFileSizeMiB`, and keep `logger.maxFileNumber` of them."""
    rotate(
        path,
        max_bytes=int(config.get("logger.maxFileSizeMiB") * _MEBIBYTE),
        max_files=int(config.get("logger.maxFileNumber")),
    )
