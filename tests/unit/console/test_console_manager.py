"""Which command a line means, and what comes of running it."""

import re
from typing import Any

import pytest

from core.Console import AbstractConsole
from core.console_manager import ConsoleManager
from core.container import Container
from core.exceptions import Error, NotFound
from core.terminal import output


class Echo:
    """A command that says who it is and what it got."""

    is_hidden = False
    name = "echo"

    @staticmethod
    def get_description() -> str:
        return "Echo."

    def run(self, params: dict[str, Any]) -> int | None:
        output.write(f"{self.name} {params}")
        return None


class Other(Echo):
    name = "other"


class Hidden(Echo):
    is_hidden = True


class Failing(Echo):
    def run(self, params: dict[str, Any]) -> int:
        error = NotFound("No such job!")
        error.add_note("Ask somebody else.")
        raise error


class Three(Echo):
    def run(self, params: dict[str, Any]) -> int:
        return 3


class Source:
    """A module with these commands."""

    def __init__(self, name: str, commands: Any) -> None:
        self.id = name
        self._commands = commands

    def get_console_commands(self) -> Any:
        if isinstance(self._commands, Exception):
            raise self._commands
        return self._commands


def manager(*tables: dict[str, Any]) -> ConsoleManager:
    return ConsoleManager(Container(), [Source(f"Module{number}", table) for number, table in enumerate(tables)])


def test_a_command_gets_its_parameters_and_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert manager({"job <id> --run": Echo}).run(["job", "17", "--run"]) == 0
    assert capsys.readouterr().out == "echo {'id': '17'}\n"


def test_a_command_chooses_its_exit_code() -> None:
    assert manager({"three": Three}).run(["three"]) == 3


def test_the_pattern_with_most_literal_words_wins(capsys: pytest.CaptureFixture[str]) -> None:
    manager({"job list": Other, "job <id>": Echo}).run(["job", "list"])

    assert capsys.readouterr().out.startswith("other")


def test_of_two_patterns_that_fit_equally_the_later_wins(capsys: pytest.CaptureFixture[str]) -> None:
    manager({"show [<id>]": Echo}, {"show <name>": Other}).run(["show", "x"])

    assert capsys.readouterr().out.startswith("other")


def test_a_pattern_that_knows_the_options_goes_before_one_that_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    manager({"show <id> [--fast]": Echo, "show all": Other}).run(["show", "all", "--fast"])

    assert capsys.readouterr().out.startswith("echo")


def test_the_same_pattern_from_a_later_module_replaces(capsys: pytest.CaptureFixture[str]) -> None:
    commands = manager({"job <id> --run": Echo, "list": Echo}, {"job <jobId> --run": Other})
    commands.run(["job", "17", "--run"])

    assert capsys.readouterr().out == "other {'jobId': '17'}\n"
    assert [command.pattern.text for command in commands.commands] == ["job <jobId> --run", "list"]


def test_an_unknown_command_is_said_in_atrocores_words_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    commands = manager({"job list": Echo, "job <id> --run": Echo, "clear cache": Echo})

    assert commands.run(["job", "lst"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0].startswith("No such console command!")
    assert err.splitlines()[1] == "  job list"


@pytest.mark.parametrize("words", [[], ["make", "coffee"], [""]])
def test_where_nothing_is_near_the_list_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert manager({"job list": Echo}).run(words) == 1
    assert capsys.readouterr().err == 'No such console command! "list" shows those that there are.\n'


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["job", "show"], "job show <id>"),
        (["jobs", "list"], "job list"),
        (["kill", "deamons"], "kill daemons"),
        (["clear-cache"], "clear cache"),
        (["clear"], "clear cache"),
        (["job", "17"], "job <id> --run"),
    ],
)
def test_the_nearest_command_comes_first(typed: list[str], expected: str) -> None:
    patterns = ["job show <id>", "job list", "job <id> --run", "kill daemons", "clear cache", "check", "cron"]

    assert manager(dict.fromkeys(patterns, Echo)).suggestions(typed)[0] == expected


@pytest.mark.parametrize(
    "typed", ["explain 0 2 a b c", "explain a --tz=X b", "add Greet --cron=0 2 a b c", "add Greet --cron a b"]
)
def test_a_value_that_came_as_several_words_needs_quotes(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = manager({"explain <expression> [--tz=ZONE]": Echo, "add <type> [--cron=EXPRESSION]": Echo})

    assert commands.run(typed.split()) == 1
    assert capsys.readouterr().err.endswith("Put a value that has blanks or a * into quotes, such as '0 2 * * *'.\n")


@pytest.mark.parametrize("typed", ["explain", "check now", "expalin a b"])
def test_what_lacks_no_quotes_is_not_told_of_them(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manager({"explain <expression>": Echo, "check": Echo}).run(typed.split()) == 1
    assert "quotes" not in capsys.readouterr().err


def test_a_hidden_command_is_run_and_not_suggested() -> None:
    commands = manager({"daemon <name> <id>": Hidden})

    assert commands.suggestions(["daemon", "name"]) == []
    assert commands.run(["daemon", "job-manager", "main"]) == 0


def test_a_wrong_option_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert manager({"job list [--limit=N]": Echo}).run(["job", "list", "--limt=5"]) == 1
    assert capsys.readouterr() == ("", "--limt is no option of \"job list\". Did you mean '--limit'?\n")


def test_an_error_of_ours_is_a_message_with_its_notes(capsys: pytest.CaptureFixture[str]) -> None:
    assert manager({"fail": Failing}).run(["fail"]) == 1
    assert capsys.readouterr() == ("", "No such job!\nAsk somebody else.\n")


def test_a_class_that_is_no_command_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert manager({"fail": Container}).run(["fail"]) == 1
    assert capsys.readouterr().err.startswith("No such console handler as")


class Async(Echo):
    async def run(self, params: dict[str, Any]) -> int:  # type: ignore[override] # the mistake that is tested
        return 0


class Needs(Echo):
    def __init__(self, price: int) -> None:
        pass


@pytest.mark.parametrize("answer", ["done", 256, -1])
def test_an_answer_that_is_no_exit_status_is_an_error(capsys: pytest.CaptureFixture[str], answer: Any) -> None:
    class Answering(Echo):
        def run(self, params: dict[str, Any]) -> Any:
            return answer

    assert manager({"text": Answering}).run(["text"]) == 1
    assert f"the command 'text' of Module0, answered {answer!r}; its run() has to" in capsys.readouterr().err


def test_an_error_that_is_not_meant_for_people_says_at_its_end_whose_it_is() -> None:
    class Broken(Echo):
        def run(self, params: dict[str, Any]) -> int:
            raise ValueError("no price")

    with pytest.raises(ValueError, match="no price") as caught:
        manager({"show <x>": Broken}).run(["show", "it"])

    [note] = caught.value.__notes__
    assert note.endswith("Broken'>, the command 'show <x>' of Module0")


@pytest.mark.parametrize(
    ("command", "reason"),
    [(Async, "'run' is async"), (Needs, "its parameter 'price' has neither"), (AbstractConsole, "it is abstract, and")],
)
def test_a_command_that_could_not_run_is_named(command: type, reason: str) -> None:
    [problem] = manager({"x": command}).check()

    assert "the command 'x' of Module0, cannot be run: " in problem
    assert reason in problem


def test_a_reference_that_leads_nowhere_is_an_error_of_this_command_alone(capsys: pytest.CaptureFixture[str]) -> None:
    commands = manager({"lost": "Nowhere.Console.Lost", "echo": Echo})

    assert commands.run(["lost"]) == 1
    assert "Nowhere.Console.Lost" in capsys.readouterr().err
    assert commands.run(["echo"]) == 0


def test_a_module_that_brings_nonsense_is_named_and_breaks_nothing() -> None:
    bad, none = Source("Bad", Error("no commands today")), Source("None", None)
    worse, good = Source("Worse", {"job <my id>": Echo, "fine": Echo}), Source("Good", {"echo": Echo})

    commands = ConsoleManager(Container(), [bad, none, worse, good])

    assert [command.pattern.text for command in commands.commands] == ["fine", "echo"]
    for name, problem in zip(("Bad", "None", "Worse"), commands.problems, strict=True):
        assert f"get_console_commands() of {name}" in problem
    assert re.match(rf"{__file__}, line \d+: Error: no commands today", commands.problems[0])
    assert f"{__file__}: get_console_commands() of None answers None; it has to answer a dict" in commands.problems[1]
