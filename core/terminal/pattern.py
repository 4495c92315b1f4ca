"""Patterns of commands: `job add <type> [--payload=JSON] [--json]`, matched word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.exceptions import ConsoleError, did_you_mean

_PARAMETER = re.compile(r"<(\w+)>|\[<(\w+)>\]")
_OPTION = re.compile(r"\[--([A-Za-z][\w-]*)(=\S*)?\]")


@dataclass(frozen=True)
class Match:
    """How a command line fits a pattern.

    `parameters` has every name that the pattern declares: texts, None for an option without its value, True or False
    for a flag. `problems` says what is wrong with the options.
    """

    parameters: dict[str, Any]
    problems: list[str]


@dataclass
class _Words:
    """A command line, parted into arguments and options."""

    arguments: list[str] = field(default_factory=list)
    options: dict[str, str | bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CommandPattern:
    """What a command line has to look like: literal words, `<parameter>`, at the end `[<parameter>]`, and options.

    An option is `[--name]`, a flag, or `[--name=HINT]`, which takes a value; options may stand anywhere.
    """

    text: str
    arguments: tuple[str, ...]
    options: dict[str, bool]

    @classmethod
    def parse(cls, text: str) -> CommandPattern:
        """The pattern that the text means; raises ConsoleError where it means none."""
        arguments: list[str] = []
        options: dict[str, bool] = {}
        for word in text.split():
            option = _OPTION.fullmatch(word)
            if option:
                options[option[1]] = option[2] is not None
            elif _PARAMETER.fullmatch(word) or not re.search(r"[\[\]<>]", word):
                arguments.append(word)
            else:
                raise _no_pattern(text, f'"{word}" is neither <name>, [<name>] nor [--name]')
        pattern = cls(text, tuple(arguments), options)
        pattern._check()
        return pattern

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The words that have to be typed as they are."""
        return tuple(word for word in self.arguments if not _name(word))

    @property
    def words(self) -> str:
        """The pattern without its options."""
        return " ".join(self.arguments)

    @property
    def option_words(self) -> list[str]:
        """The options as they were declared: `[--limit=N]`."""
        return [word for word in self.text.split() if _OPTION.fullmatch(word)]

    @cached_property
    def shape(self) -> str:
        """The same for patterns that mean the same words: without the names of parameters, and without options."""
        return " ".join(re.sub(r"\w+", "", word) if _name(word) else word for word in self.arguments)

    def match(self, words: Sequence[str]) -> Match | None:
        """How the words fit; None if another command is meant."""
        # What follows an option that nobody knows may be its value or an argument.
        for unknown_takes_value in (False, True):
            parted = self._part(words, unknown_takes_value)
            parameters = self._place(parted.arguments)
            if parameters is not None:
                absent = {name: None if takes_value else False for name, takes_value in self.options.items()}
                return Match({**parameters, **absent, **parted.options}, parted.problems)
        return None

    def is_outgrown_by(self, words: Sequence[str]) -> bool:
        """Whether they are this command's, and one of its values came as several words: quotes are missing."""
        takes_value = len(self.literals) < len(self.arguments) or any(self.options.values())
        is_meant = tuple(words[: len(self.literals)]) == self.literals
        return takes_value and is_meant and len(self._part(words, True).arguments) > len(self.arguments)

    def _part(self, words: Sequence[str], unknown_takes_value: bool) -> _Words:
        parted = _Words()
        left = list(reversed(words))
        while left:
            word = left.pop()
            if word in self.literals or not word.startswith("--"):
                parted.arguments.append(word)
                continue
            name, equals, value = word[2:].partition("=")
            takes_value = self.options.get(name, unknown_takes_value)
            # `--name --json` forgot the value; who means a value that begins so writes `--name=--json`.
            if takes_value and not equals and left and not left[-1].startswith("--"):
                value = left.pop()
            problem = "is given twice." if name in parted.options else self._problem(name, equals, value)
            if problem:
                parted.problems.append(f"--{name} {problem}")
            parted.options[name] = value if takes_value else True
        return parted

    def _problem(self, name: str, equals: str, value: str) -> str | None:
        if name not in self.options:
            near = did_you_mean(f"--{name}", [f"--{option}" for option in self.options])
            return f'is no option of "{self.words}".{near}'
        if self.options[name]:
            return None if value else "needs a value."
        return "takes no value." if equals else None

    def _place(self, arguments: Sequence[str]) -> dict[str, Any] | None:
        required = sum(not word.startswith("[") for word in self.arguments)
        if not required <= len(arguments) <= len(self.arguments):
            return None
        parameters: dict[str, Any] = dict.fromkeys(self._names())
        for word, argument in zip(self.arguments, arguments, strict=False):
            name = _name(word)
            if name:
                parameters[name] = argument
            elif word != argument:
                return None
        return parameters

    def _names(self) -> Iterator[str]:
        return (name for name in map(_name, self.arguments) if name)

    def _check(self) -> None:
        if not self.arguments or _name(self.arguments[0]):
            raise _no_pattern(self.text, "it has to begin with a word")
        optional = [word.startswith("[") for word in self.arguments]
        if optional != sorted(optional):
            raise _no_pattern(self.text, "[<name>] has to stand behind all other words")
        names = [*self._names(), *self.options]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise _no_pattern(self.text, f"it names {', '.join(sorted(twice))} twice")


def _no_pattern(text: str, reason: str) -> ConsoleError:
    return ConsoleError(f'"{text}" is no pattern of a command: {reason}.')


def _name(word: str) -> str | None:
    """The name of a parameter, None for a literal word."""
    parameter = _PARAMETER.fullmatch(word)
    return parameter[1] or parameter[2] if parameter else None
