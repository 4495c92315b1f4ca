"""What listeners are told."""

from __future__ import annotations

from core.events import Event


def test_arguments_are_had_by_name() -> None:
    event = Event({"entity": 1, "options": None})

    assert event.get_arguments() == {"entity": 1, "options": None}
    assert (event.get_argument("entity"), event.get_argument("foreign")) == (1, None)
    assert (event.has_argument("entity"), event.has_argument("options")) == (True, False)


def test_setting_an_argument_answers_the_event_and_leaves_the_dispatcher_s_dict_alone() -> None:
    given = {"a": 1}

    assert Event(given).set_argument("a", 2).set_argument("b", 3).get_arguments() == {"a": 2, "b": 3}
    assert given == {"a": 1}
