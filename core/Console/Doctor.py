"""`doctor`"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from core.Console.AbstractConsole import AbstractConsole
from core.Console.Check import Check
from core.sentence import Sentence, verbatim
from core.terminal import output

if TYPE_CHECKING:
    from core.job_manager.finding import Finding

_REMEDY = Sentence('Mend what is named there; "python console.py check" looks again.')


class Doctor(AbstractConsole):
    """Judges the whole installation: all that `check` does, its processes, files, disk, clocks and database.

    Each finding has a remedy. Exits with 1 if something is wrong; a warning alone is none.
    """

    @staticmethod
    def get_description() -> str:
        return "Examine the whole installation, and say what to do."

    def run(self, params: dict[str, Any]) -> int:
        findings = [*self._checked(), *self.get_container().get("jobManager").examine()]
        findings.sort(key=lambda each: not each.is_error)
        errors = sum(each.is_error for each in findings)
        if params["json"]:
            output.write_json({"ok": errors == 0, "findings": [each.to_dict() for each in findings]})
        elif findings:
            for each in findings:
                _say(each)
            _say_count(errors, len(findings) - errors)
        else:
            output.success("Everything is fine.")
        return 1 if errors else 0

    def _checked(self) -> list[Finding]:
        from core.job_manager.finding import Finding  # the room of the job manager, which few commands need

        found = Check(self.get_container()).findings()
        return [
            Finding("check", verbatim(text), _REMEDY, level >= logging.ERROR)
            for level, text in found
            if level >= logging.WARNING
        ]


def _say(finding: Finding) -> None:
    say, word = (output.error, "Error") if finding.is_error else (output.warning, "Warning")
    say(f"{word} ({finding.topic}): {finding.text}")
    output.note(f"    {finding.remedy}")


def _say_count(errors: int, warnings: int) -> None:
    text = f"{errors or 'No'} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}."
    if errors:
        output.error(text)
    else:
        output.success(text)
