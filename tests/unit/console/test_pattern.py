"""Patterns of commands."""

import pytest

from core.exceptions import ConsoleError
from core.terminal import CommandPattern

ADD = "job add <type> [--payload=JSON] [--priority=N] [--json]"


def parameters(pattern: str, line: str) -> dict[str, object] | None:
    match = CommandPattern.parse(pattern).match(line.split())
    return match.parameters if match else None


def problems(pattern: str, line: str) -> list[str]:
    match = CommandPattern.parse(pattern).match(line.split())
    assert match is not None
    return match.problems


@pytest.mark.parametrize("line", ["job", "job 1", "job 1 --run now", "jobs 1 --run", "Job 1 --run", "job --run", ""])
def test_a_line_with_other_words_does_not_match(line: str) -> None:
    assert parameters("job <id> --run", line) is None


def test_a_parameter_takes_one_argument_as_it_is() -> None:
    match = CommandPattern.parse("show <currency>").match(["show", "US Dollar"])

    assert match is not None
    assert match.parameters == {"currency": "US Dollar"}


def test_an_empty_argument_is_an_argument() -> None:
    match = CommandPattern.parse("job <id> --run").match(["job", "", "--run"])

    assert match is not None
    assert match.parameters == {"id": ""}


def test_a_literal_may_look_like_an_option() -> None:
    assert parameters("job <id> --run", "job 17 --run") == {"id": "17"}


def test_every_declared_name_is_there() -> None:
    assert parameters(ADD, "job add X") == {"type": "X", "payload": None, "priority": None, "json": False}


@pytest.mark.parametrize("line", ["job add X --priority=5 --json", "job --json add --priority 5 X"])
def test_options_stand_anywhere_and_take_values_in_two_ways(line: str) -> None:
    assert parameters(ADD, line) == {"type": "X", "payload": None, "priority": "5", "json": True}


def test_a_value_may_hold_anything() -> None:
    match = CommandPattern.parse(ADD).match(["job", "add", "X", '--payload={"a": "b=c --json"}', "--priority", "-5"])

    assert match is not None
    assert match.parameters["payload"] == '{"a": "b=c --json"}'
    assert match.parameters["priority"] == "-5"
    assert match.problems == []


def test_an_optional_parameter_may_be_missing() -> None:
    assert parameters("job wait [<id>] [--timeout=S]", "job wait") == {"id": None, "timeout": None}
    assert parameters("job wait [<id>] [--timeout=S]", "job wait 17") == {"id": "17", "timeout": None}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("job add X --priorty=5", "--priorty is no option of \"job add <type>\". Did you mean '--priority'?"),
        ("job add X --priorty 5", "--priorty is no option of \"job add <type>\". Did you mean '--priority'?"),
        ("job add X --colour", '--colour is no option of "job add <type>".'),
        ("job add X --priority", "--priority needs a value."),
        ("job add X --priority=", "--priority needs a value."),
        ("job add X --priority --json", "--priority needs a value."),
        ("job add X --json=yes", "--json takes no value."),
        ("job add X --json --json", "--json is given twice."),
    ],
)
def test_a_wrong_option_is_named(line: str, problem: str) -> None:
    assert problems(ADD, line) == [problem]


def test_all_wrong_options_are_named_at_once() -> None:
    assert len(problems(ADD, "job add X --json=1 --priority --colour=red")) == 3


def test_patterns_with_other_names_and_options_have_the_same_shape() -> None:
    one, other = CommandPattern.parse("job <id> --run"), CommandPattern.parse("job <jobId> --run [--fast]")

    assert one.shape == other.shape
    assert one.shape != CommandPattern.parse("job <id> --stop").shape


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "has to begin with a word"),
        ("<name>", "has to begin with a word"),
        ("job <my id>", "<my"),
        ("job [id]", "[id]"),
        ("job a<id>b", "a<id>b"),
        ("job [<id>", "[<id>"),
        ("job [--run", "[--run"),
        ("job [<id>] --run", "behind all other words"),
        ("job <id> <id>", "names id twice"),
        ("job <id> [--id=X]", "names id twice"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ConsoleError) as error:
        CommandPattern.parse(pattern)

    assert reason in str(error.value)
