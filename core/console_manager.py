"""Which command a line of words means, and running it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from core.container import Container, dependencies_of
from core.exceptions import AtroError, ClassReferenceError, ConsoleError, ContainerError
from core.log import logger
from core.module_manager.class_reference import load_class
from core.set_aside import set_aside
from core.signature import wrong_method
from core.terminal import CommandPattern, Match, output

_SUGGESTIONS = 5
# Found by trying: `jbo list` finds `job list`, `make coffee` finds nothing.
_NEAR_ENOUGH = 0.6
# A system keeps eight bits: 256 would be 0, a success.
_LARGEST_STATUS = 255

# A shell makes file names of a * before anybody sees it.
_QUOTES = "Put a value that has blanks or a * into quotes, such as '0 2 * * *'."


class CommandSource(Protocol):
    """Who brings commands: a module."""

    id: str

    def get_console_commands(self) -> Mapping[str, str | type]:
        """Commands by pattern: a class, or its reference."""


@dataclass(frozen=True)
class Command:
    """A pattern, who brought it, and what is run; `load` imports it."""

    pattern: CommandPattern
    owner: str
    handler: str | type

    def load(self) -> Any:
        """The command's class; raises ConsoleError if it cannot be loaded or is no command."""
        return self._class

    @cached_property
    def _class(self) -> Any:
        where = f"the command '{self.pattern.text}' of {self.owner}"
        try:
            command = load_class(self.handler) if isinstance(self.handler, str) else self.handler
        except ClassReferenceError as error:
            raise ConsoleError(f"{self.handler}, {where}, {error}") from error
        if not (callable(getattr(command, "run", None)) and callable(getattr(command, "get_description", None))):
            raise ConsoleError(f"No such console handler as {self.handler}, {where}.")
        if problem := _wrong_class(command):
            raise ConsoleError(f"{self.handler}, {where}, cannot be run: {problem}")
        return command

    def run(self, container: Container, parameters: Mapping[str, Any]) -> int:
        """The exit status of a run; raises ConsoleError for an answer that is none."""
        try:
            answer = container.get(self.load()).run(parameters)
        except AtroError:
            raise
        except Exception as error:  # its traceback is for the author, and ends with this note
            error.add_note(f"raised by {self._name}")
            raise
        if answer is not None and not (isinstance(answer, int) and 0 <= answer <= _LARGEST_STATUS):
            raise ConsoleError(
                f"{self._name}, answered {answer!r}; "
                f"its run() has to answer the exit status, a whole number from 0 to {_LARGEST_STATUS}, or None for 0."
            )
        return int(answer or 0)

    @property
    def _name(self) -> str:
        return f"{self.handler}, the command '{self.pattern.text}' of {self.owner}"

    @property
    def problem(self) -> str | None:
        """Why the command cannot be run, or None."""
        try:
            self.load()
        except ConsoleError as error:
            return str(error)
        return None

    @property
    def is_hidden(self) -> bool:
        """Whether the class says that it is not to be listed; a broken one is listed."""
        return not self.problem and bool(getattr(self.load(), "is_hidden", False))

    @property
    def description(self) -> str:
        """What the class says of itself, or why it cannot be run."""
        problem = self.problem
        return f"Cannot be run: {problem}" if problem else str(self.load().get_description())


class ConsoleManager:
    """All commands of core and the modules; where two have the same pattern, the later one counts."""

    def __init__(self, container: Container, sources: Iterable[CommandSource]) -> None:
        self._container = container
        self._commands: dict[str, Command] = {}
        #: What is wrong with the commands of modules; the others work.
        self.problems: list[str] = []
        for source in sources:
            self._register(source)

    @property
    def commands(self) -> list[Command]:
        """Every command once, in the order of their registration."""
        return list(self._commands.values())

    @property
    def visible_commands(self) -> list[Command]:
        """Those that are not hidden."""
        return [command for command in self.commands if not command.is_hidden]

    def run(self, words: Sequence[str]) -> int:
        """Run the command that the words mean and answer its exit code; an error is said in red and is 1."""
        try:
            command, match = self._find(words)
            if match.problems:
                raise ConsoleError("\n".join(match.problems))
            return command.run(self._container, match.parameters)
        except AtroError as error:
            output.error("\n".join([str(error), *getattr(error, "__notes__", ())]))
            return 1

    def check(self) -> list[str]:
        """All that is wrong with the commands; loads every one."""
        return [*self.problems, *(problem for command in self.commands if (problem := command.problem))]

    def suggestions(self, words: Sequence[str]) -> list[str]:
        """The patterns that come nearest to the words, the nearest first."""
        visible = [command.pattern for command in self.visible_commands]
        scored = sorted(((_score(pattern, words), pattern.text) for pattern in visible), reverse=True)
        return [text for score, text in scored if score >= _NEAR_ENOUGH][:_SUGGESTIONS]

    def _register(self, source: CommandSource) -> None:
        owner, file = source.id, Path(inspect.getfile(type(source)))
        try:
            commands: Any = source.get_console_commands()
        except Exception as error:  # noqa: BLE001 - a module's code: the commands of the others have to work
            self._complain(f"{set_aside(owner, file.parent, file, error)} (get_console_commands() of {owner})")
            return
        if not isinstance(commands, Mapping):
            self._complain(
                f"{file}: get_console_commands() of {owner} answers {commands!r}; "
                "it has to answer a dict of commands by pattern."
            )
            return
        for text, handler in commands.items():
            try:
                pattern = CommandPattern.parse(str(text))
            except ConsoleError as error:
                self._complain(f"{file}: get_console_commands() of {owner}: {error}")
                continue
            self._commands[pattern.shape] = Command(pattern, owner, handler)

    def _complain(self, problem: str) -> None:
        self.problems.append(problem)
        logger.warning(problem)

    def _find(self, words: Sequence[str]) -> tuple[Command, Match]:
        found = [(command, match) for command in self.commands if (match := command.pattern.match(words))]
        if not found:
            raise ConsoleError(self._unknown(words))
        # Of equals the one that came last, as max() would answer the first.
        return max(reversed(found), key=lambda pair: (not pair[1].problems, len(pair[0].pattern.literals)))

    def _unknown(self, words: Sequence[str]) -> str:
        near = self.suggestions(words)
        if not near:
            return 'No such console command! "list" shows those that there are.'
        typed = " ".join(words)
        said = "\n  ".join([f"No such console command! For '{typed}' the nearest are:", *near])
        outgrown = next((each.pattern for each in self.commands if each.pattern.is_outgrown_by(words)), None)
        return said if outgrown is None else f'{said}\n"{outgrown.words}" takes fewer words. {_QUOTES}'


def _wrong_class(command: type[Any]) -> str | None:
    if inspect.isabstract(command):
        return f"it is abstract, and lacks {', '.join(sorted(command.__abstractmethods__))}."
    if problem := wrong_method(command, "run", "parameters"):
        return problem
    try:
        dependencies_of(command)
    except ContainerError as error:
        return str(error)
    return None


def _score(pattern: CommandPattern, words: Sequence[str]) -> float:
    """How near the words come to the pattern's literal ones: whole words in their place count more than letters."""
    from difflib import SequenceMatcher  # only a wrong command needs it

    literals = pattern.literals
    shared = sum(
        1 for wanted, word in zip(pattern.arguments, words, strict=False) if wanted in (word, f"<{wanted[1:-1]}>")
    )
    likeness = SequenceMatcher(None, " ".join(literals), " ".join(words[: len(literals)])).ratio()
    return likeness + shared / len(pattern.arguments) / 2
