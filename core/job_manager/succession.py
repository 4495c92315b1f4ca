"""A process whose code has changed gives way to the same process with the code as it is on the disk now."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable

from core import clock
from core.job_manager.code_watch import CodeWatch
from core.job_manager.daemon_program import Program
from core.log import logger

# Loading core and some dozens of modules takes a second or two, on a busy machine ten times that.
_TRIAL_SECONDS = 60.0
#: What takes no longer ends under the eyes of who started it; what does is left to the successor to watch.
_PATIENCE_SECONDS = 5.0
_MOST_NAMED = 3


class Succession:
    """Notices that the code has changed, tries in a process of its own whether it can be loaded, and says when to go.

    `trial` is the program of that process, `what` the one that changes, in the words of a log. `tell` is told why a
    change is not obeyed, and an empty text when that is over.
    """

    def __init__(
        self,
        watch: CodeWatch,
        trial: Callable[[], Program],
        tell: Callable[[str], None],
        what: str = "The job manager",
    ) -> None:
        self._watch = watch
        self._make_trial = trial
        self._tell = tell
        self._what = what
        self._trial: _Trial | None = None
        self._changes = ""
        self._goes_by: float | None = None

    @property
    def is_ahead(self) -> bool:
        """Whether the change can be loaded, so that no job is to start with the former code any more."""
        return self._goes_by is not None

    @property
    def is_due(self) -> bool:
        """Whether what still runs has been waited for long enough."""
        return self._goes_by is not None and clock.monotonic() >= self._goes_by

    @property
    def children(self) -> set[int]:
        """The processes that this object waits for itself."""
        return {self._trial.pid} if self._trial else set()

    def tend(self) -> None:
        """Look at the files where it is time, or at the trial; to be called once a second."""
        if self._trial is not None:
            self._judge(self._trial)
        elif self._goes_by and self._watch.have_moved_on():  # not where only a new start may help
            self._goes_by = None
        elif not self.is_ahead and (changes := self._watch.changes()):
            self._changes = _named(changes)
            try:
                self._trial = _Trial(self._make_trial())
            except OSError as error:  # the folder of the code, or its Python, is gone
                self._refuse(f"{error.filename}: {error.strerror}.")

    def hasten(self, reason: str) -> None:
        """Go now, as only a new start may help."""
        if not self.is_due:
            logger.error("Nothing has been done for too long: the job manager starts anew. %s", reason)
            self._goes_by = 0.0

    def stop(self) -> None:
        """End a trial that goes on."""
        if self._trial is not None:
            self._trial.end()
            self._trial = None

    def _judge(self, trial: _Trial) -> None:
        if trial.goes_on():
            return
        self._trial, fault = None, trial.fault
        if fault is None and self._watch.have_moved_on():
            return  # what was tried is not what would be loaded
        if fault is None:
            self._goes_by = clock.monotonic() + _PATIENCE_SECONDS
            self._tell("")
            logger.info("The code has changed (%s). %s loads it anew.", self._changes, self._what)
            return
        self._refuse(fault)

    def _refuse(self, fault: str) -> None:
        self._watch.refuse()
        text = f"The code has changed ({self._changes}), and cannot be loaded: {fault}"
        logger.error("%s %s goes on with what it has loaded, and tries again after a minute.", text, self._what)
        self._tell(text)


class _Trial:
    """A process that loads everything and starts nothing."""

    def __init__(self, program: Program) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        try:
            self._process = subprocess.Popen(
                program.command, cwd=program.folder, stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said
            )
        except OSError:
            self._said.close()
            raise
        self._give_up_at = clock.monotonic() + _TRIAL_SECONDS
        #: Why it cannot be loaded, in a sentence; None where it can, or the trial goes on.
        self.fault: str | None = None

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def goes_on(self) -> bool:
        """Whether it is not over yet; afterwards `fault` is known."""
        if self._process.poll() is None:
            if clock.monotonic() < self._give_up_at:
                return True
            self.fault = f"it took over {_TRIAL_SECONDS:g} s."
        elif self._process.returncode != 0:
            self.fault = self._last_words() or f"it ended with {self._process.returncode}."
        self.end()
        return False

    def end(self) -> None:
        """Whatever it does, it is over."""
        self._process.kill()
        self._process.wait()
        self._said.close()

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""


def _named(changes: list[str]) -> str:
    more = len(changes) - _MOST_NAMED
    return ", ".join(changes[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
