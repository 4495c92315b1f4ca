"""Listeners, repositories and entity classes of modules."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from core.exceptions import BadRequest, JobCanceled, ModuleError

NAMED = {"name": {"type": "varchar"}, "note": {"type": "notStorable"}}

#: Writes down what it hears into a list that the test gives as an option.
RECORDER = """
    class {name}:
        def before_save(self, event):
            self._record("before_save", event)

        def after_save(self, event):
            self._record("after_save", event)

        def before_remove(self, event):
            self._record("before_remove", event)

        def after_remove(self, event):
            self._record("after_remove", event)

        def _record(self, action, event):
            entity = event.get_argument("entity")
            is_changed = entity.is_attribute_changed("name")
            heard = event.get_argument("options")["heard"]
            heard.append(("{name}", action, entity.is_new(), is_changed, entity.get_fetched("name")))
"""

REPOSITORY = """
    from core.exceptions import BadRequest
    from core.orm import Repository


    class Thing(Repository):
        def before_save(self, entity, options):
            if entity.get("name") == "Bad":
                raise BadRequest("Not this one.")
            entity.set("name", entity.get("name") + "!")

        def after_save(self, entity, options):
            options.get("heard", []).append(("repository", self.database.in_transaction))
            if entity.get("name") == "Worse!":
                raise RuntimeError("too late")
"""


@pytest.fixture
def things(data: Any) -> Any:
    data.define("Thing", NAMED)
    return data


def save(data: Any, name: str = "Axe", heard: list[Any] | None = None) -> Any:
    thing = data.entities.get_entity("Thing")
    thing.set("name", name)
    data.entities.save_entity(thing, {} if heard is None else {"heard": heard})
    return thing


def test_specific_listeners_hear_before_general_ones(things: Any) -> None:
    things.add_module(
        "Ears", {f"Listeners/{name}.py": RECORDER.format(name=name) for name in ("Entity", "ThingEntity")}
    )
    heard: list[Any] = []

    save(things, heard=heard)

    assert [(who, what) for who, what, *_ in heard] == [
        ("ThingEntity", "before_save"),
        ("Entity", "before_save"),
        ("ThingEntity", "after_save"),
        ("Entity", "after_save"),
    ]


def test_after_a_save_listeners_still_see_what_was_new_or_changed(things: Any) -> None:
    things.add_module("Ears", {"Listeners/ThingEntity.py": RECORDER.format(name="ThingEntity")})
    heard: list[Any] = []

    thing = save(things, heard=heard)
    thing.set("name", "Saw")
    things.entities.save_entity(thing, {"heard": heard})

    assert [each[1:] for each in heard if each[1] == "after_save"] == [
        ("after_save", True, True, None),
        ("after_save", False, True, "Axe"),
    ]
    assert not thing.is_attribute_changed("name")


def test_after_hooks_wait_for_the_outermost_commit(things: Any) -> None:
    things.add_module("Ears", {"Listeners/ThingEntity.py": RECORDER.format(name="ThingEntity")})
    heard: list[Any] = []

    with things.entities.transaction():
        save(things, heard=heard)
        assert [what for _, what, *_ in heard] == ["before_save"]

    assert [what for _, what, *_ in heard] == ["before_save", "after_save"]


def test_after_a_rollback_nobody_hears(things: Any) -> None:
    things.add_module("Ears", {"Listeners/ThingEntity.py": RECORDER.format(name="ThingEntity")})
    heard: list[Any] = []

    with pytest.raises(RuntimeError), things.entities.transaction():
        save(things, heard=heard)
        raise RuntimeError

    assert [what for _, what, *_ in heard] == ["before_save"]


RAISER = """
    from core.exceptions import JobCanceled


    class ThingEntity:
        def after_save(self, event):
            raise {error}
"""


def test_sys_exit_after_a_save_is_logged_as_the_commit_stands(things: Any, caplog: pytest.LogCaptureFixture) -> None:
    things.add_module("Ears", {"Listeners/ThingEntity.py": RAISER.format(error="SystemExit(3)")})

    thing = save(things)

    assert things.entities.get_entity("Thing", thing.id) is not None
    assert "Ears.Listeners.ThingEntity.after_save (module Ears) (after the commit, which stands): SystemExit: 3" in (
        caplog.text
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt, JobCanceled])
def test_who_stops_a_listener_from_outside_is_heard(things: Any, error: type[BaseException]) -> None:
    things.add_module("Ears", {"Listeners/ThingEntity.py": RAISER.format(error=error.__name__)})

    with pytest.raises(error):
        save(things)


def test_removals_are_told(things: Any) -> None:
    things.add_module("Ears", {"Listeners/Entity.py": RECORDER.format(name="Entity")})
    heard: list[Any] = []
    thing = save(things, heard=heard)

    things.entities.remove_entity(thing, {"heard": heard})

    assert [what for _, what, *_ in heard][2:] == ["before_remove", "after_remove"]


def test_skip_all_tells_nobody(things: Any) -> None:
    things.add_module("Ears", {"Listeners/Entity.py": RECORDER.format(name="Entity")})
    heard: list[Any] = []

    thing = things.entities.get_entity("Thing")
    things.entities.save_entity(thing, {"heard": heard, "skipAll": True})
    things.entities.remove_entity(thing, {"heard": heard, "skipAll": True})

    assert heard == []


def test_a_listener_may_refuse(things: Any) -> None:
    source = """
        from core.exceptions import Forbidden

        class ThingEntity:
            def before_save(self, event):
                raise Forbidden("Not today.")
    """
    things.add_module("Guard", {"Listeners/ThingEntity.py": source})

    with pytest.raises(Exception, match=r"Not today\."):
        save(things)

    assert things.entities.get_repository("Thing").count() == 0


def test_a_listener_that_fails_after_the_commit_is_logged(things: Any, caplog: pytest.LogCaptureFixture) -> None:
    source = """
        class ThingEntity:
            def after_save(self, event):
                raise RuntimeError("oh")
    """
    things.add_module("Clumsy", {"Listeners/ThingEntity.py": source})

    with caplog.at_level(logging.ERROR, "atro"):
        save(things)

    assert "Clumsy.Listeners.ThingEntity.after_save (module Clumsy)" in caplog.text
    assert things.entities.get_repository("Thing").count() == 1


def test_a_repository_of_a_module_is_used(things: Any) -> None:
    things.add_module("Shop", {"Repositories/Thing.py": REPOSITORY})
    heard: list[Any] = []

    assert save(things, heard=heard).get("name") == "Axe!"
    assert heard == [("repository", False)]
    with pytest.raises(BadRequest, match="Not this one"):
        save(things, "Bad")


def test_a_repository_that_fails_after_the_commit_is_logged(things: Any, caplog: pytest.LogCaptureFixture) -> None:
    things.add_module("Shop", {"Repositories/Thing.py": REPOSITORY})

    save(things, "Worse")

    assert "Shop.Repositories.Thing.Thing.after_save" in caplog.text


def test_the_latest_module_gives_the_entity_class(things: Any) -> None:
    source = """
        from core.Entities import Job as CoreJob

        class Job(CoreJob):
            def shout(self):
                return "{word}"
    """
    things.add_module("First", {"Entities/Job.py": source.format(word="first")})
    things.add_module("Second", {"Entities/Job.py": source.format(word="second")})

    assert things.entities.get_entity("Job").shout() == "second"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import nothing_there", "Entities/Thing.py cannot be loaded: ModuleNotFoundError"),
        ("Thing = 5", "has no class 'Thing' that is a core.orm.entity.Entity"),
    ],
)
def test_a_broken_class_file_is_told_by_name(things: Any, source: str, message: str) -> None:
    things.add_module("Broken", {"Entities/Thing.py": source})

    with pytest.raises(ModuleError, match=message):
        things.entities.get_entity("Thing")


def test_a_change_past_the_repository_can_be_told(things: Any) -> None:
    source = """
        class ThingEntity:
            def after_save(self, event):
                entity = event.get_argument("entity")
                entity.set("note", [entity.is_attribute_changed("name"), entity.is_attribute_changed("createdAt")])
    """
    things.add_module("Ears", {"Listeners/ThingEntity.py": source})
    thing = save(things)

    things.entities.get_repository("Thing").dispatch_after_save(thing, ["name"])

    assert thing.get("note") == [True, False]
