"""`check`"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import MetadataError
from core.log import logger
from core.terminal import output

# A key that nobody knows does no harm: it may be meant for a later version, or for another module.
_HARMLESS = ": unknown key '"

#: A level of `logging`, and what was found.
Finding = tuple[int, str]


class Check(AbstractConsole):
    """Judges configuration, modules, metadata, listeners, commands and handlers, and says all that is wrong at once."""

    @staticmethod
    def get_description() -> str:
        return "Check configuration, modules and metadata."

    def run(self, params: dict[str, Any]) -> int:
        findings = [*self._configuration(), *self._modules(), *self._metadata()]
        errors = [text for level, text in findings if level >= logging.ERROR]
        warnings = [text for level, text in findings if level == logging.WARNING]
        for text in errors:
            output.error(f"Error: {text}")
            logger.error(text)
        for text in warnings:
            output.warning(f"Warning: {text}")
            logger.warning(text)
        if errors:
            output.error(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}.")
            return 1
        output.success(f"No errors, {_count(warnings, 'warning')}." if warnings else "Everything is fine.")
        return 0

    def _configuration(self) -> list[Finding]:
        return _errors(self.get_config().check())

    def _modules(self) -> list[Finding]:
        container = self.get_container()
        modules, commands = container.get("moduleManager"), container.get("consoleManager")
        set_aside = [*modules.set_aside, *container.get("eventManager").check()]
        errors = [*(f"{each.module}: {each}" for each in set_aside), *commands.check()]
        errors += [fault for module in modules.modules for fault in _faults_of_manifest(module.path / "module.yaml")]
        return [*_errors(errors), *((logging.WARNING, text) for text in modules.warnings)]

    def _metadata(self) -> list[Finding]:
        from core.job_manager.handlers import check_handlers  # brings in the jobs' rooms, which no other command needs

        try:
            metadata = self.get_metadata()
        except MetadataError as error:
            return _errors(str(error).splitlines())
        faults = [(logging.WARNING if _HARMLESS in text else logging.ERROR, text) for text in metadata.check()]
        return [*faults, *_errors(check_handlers(metadata)), *metadata.override_messages()]


def _faults_of_manifest(file: Path) -> list[str]:
    from core.metadata.judge import judge  # jsonschema, as no boot needs it
    from core.metadata.yaml_reader import load_yaml

    return judge(load_yaml(file) or {}, "module", file) if file.exists() else []


def _errors(texts: Sequence[str]) -> list[Finding]:
    return [(logging.ERROR, text) for text in texts]


def _count(texts: Sequence[str], noun: str) -> str:
    return f"{len(texts)} {noun}{'' if len(texts) == 1 else 's'}"
