"""Metadata of the installation itself: set, delete, save."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from core.exceptions import MetadataError
from core.metadata import CORE, OWN
from tests.unit.metadata.conftest import Layers


def saved(layers: Layers, path: str = "entityDefs/Job.json") -> Any:
    return json.loads((layers.root / OWN / path).read_text("utf-8"))


def test_what_is_set_is_seen_at_once_and_saved_later(layers: Layers) -> None:
    layers.write(CORE, "entityDefs/Job.json", {"fields": {"name": {"type": "varchar"}}})
    metadata = layers.load()

    metadata.set("entityDefs", "Job", {"fields": {"name": {"len": 9}}})
    assert metadata.get("entityDefs.Job.fields.name") == {"type": "varchar", "len": 9}
    assert layers.load().get("entityDefs.Job.fields.name.len") is None

    metadata.save()
    assert saved(layers) == {"fields": {"name": {"len": 9}}}
    assert layers.load().get("entityDefs.Job.fields.name") == {"type": "varchar", "len": 9}


def test_what_was_saved_before_is_kept(layers: Layers) -> None:
    layers.write(OWN, "entityDefs/Job.json", {"fields": {"a": {"type": "int"}}, "list": [1]})
    metadata = layers.load()

    metadata.set("entityDefs", "Job", {"fields": {"b": {"type": "int"}}, "list": ["__APPEND__", 2]})
    metadata.save()

    assert saved(layers) == {"fields": {"a": {"type": "int"}, "b": {"type": "int"}}, "list": [1, 2]}


def test_an_empty_list_stays_one_on_its_way_to_the_file(layers: Layers) -> None:
    layers.write(CORE, "s/X.json", {"list": [1, 2]})
    metadata = layers.load()

    metadata.set("s", "X", {"list": []})
    metadata.save()

    assert metadata.get("s.X.list") == []


def test_delete_takes_out_own_keys_only(layers: Layers) -> None:
    layers.write(CORE, "s/X.json", {"a": 1, "b": 1})
    layers.write(OWN, "s/X.json", {"a": 2, "c": 2})
    metadata = layers.load()

    metadata.delete("s", "X", ["a", ["c"]])
    assert metadata.get("s.X") == {"b": 1}

    metadata.save()
    assert metadata.get("s.X") == {"a": 1, "b": 1}


def test_what_becomes_empty_is_removed(layers: Layers) -> None:
    file = layers.write(OWN, "app/jobTypes.json", {"A": {"priority": 1}, "B": {"priority": 1, "unique": True}})
    metadata = layers.load()

    metadata.delete("app", "jobTypes", ["A.priority", "B.priority"])
    metadata.save()
    assert saved(layers, "app/jobTypes.json") == {"B": {"unique": True}}

    metadata.delete("app", "jobTypes", ["B.unique"])
    metadata.save()
    assert not file.exists()
    assert metadata.overrides == []


def test_deleting_what_is_not_there_makes_no_file(layers: Layers) -> None:
    metadata = layers.load()

    metadata.delete("app", "nope", ["x"])
    metadata.save()

    assert metadata.get("app.nope") is None
    assert not list((layers.root / OWN).rglob("*.json"))


@pytest.mark.parametrize("data", [{"a": object()}, {"a": float("nan")}, {(1, 2): 3}, [1], None])
def test_what_is_not_json_is_refused_at_once(layers: Layers, data: Any) -> None:
    metadata = layers.load()

    with pytest.raises(MetadataError, match=r"s\.X cannot be set to"):
        metadata.set("s", "X", data)

    metadata.set("s", "X", {"b": 1})
    metadata.save()
    assert saved(layers, "s/X.json") == {"b": 1}


def test_changes_are_saved_in_the_order_in_which_they_were_made(layers: Layers) -> None:
    metadata = layers.load()

    metadata.set("s", "X", {"a": 1, "b": 1})
    metadata.delete("s", "X", ["a"])
    metadata.set("s", "X", {"a": 3})
    metadata.save()

    assert saved(layers, "s/X.json") == {"b": 1, "a": 3}


def test_nothing_is_saved_twice(layers: Layers) -> None:
    metadata = layers.load()
    metadata.set("s", "X", {"list": ["__APPEND__", 1]})
    metadata.save()
    metadata.set("s", "X", {"list": ["__APPEND__", 2]})
    metadata.save()

    assert saved(layers, "s/X.json") == {"list": [1, 2]}


def test_a_cached_tree_does_not_outlive_a_save(layers: Layers) -> None:
    layers.write(CORE, "s/X.json", {"a": 1})
    metadata = layers.load()
    metadata.set("s", "X", {"a": 2})
    metadata.save()

    assert layers.load().get("s.X.a") == 2


def test_texts_are_saved_readably(layers: Layers) -> None:
    metadata = layers.load()
    metadata.set("s", "X", {"label": "Größe"})
    metadata.save()

    text = (layers.root / OWN / "s" / "X.json").read_text("utf-8")
    assert text == '{\n    "label": "Größe"\n}\n'


def test_a_broken_file_is_never_overwritten(layers: Layers) -> None:
    file = layers.write(OWN, "s/X.json", '{"a": 1,')
    metadata = layers.load()
    metadata.set("s", "X", {"b": 1})

    with pytest.raises(MetadataError, match=r"X\.json:1: "):
        metadata.save()

    assert file.read_text() == '{"a": 1,'


def test_a_file_in_yaml_is_left_to_who_wrote_it(layers: Layers) -> None:
    layers.write(OWN, "s/X.yaml", "a: 1")
    metadata = layers.load()
    metadata.set("s", "X", {"b": 1})

    with pytest.raises(MetadataError, match="change it by hand"):
        metadata.save()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\0b"])
def test_a_name_cannot_lead_out_of_the_directory(layers: Layers, name: str) -> None:
    metadata = layers.load()

    with pytest.raises(MetadataError, match="cannot be the name"):
        metadata.set("s", name, {})
    with pytest.raises(MetadataError, match="cannot be the name"):
        metadata.delete(name, "X", ["a"])


def test_without_a_layer_of_its_own_there_is_nothing_to_save_to(tmp_path: Any) -> None:
    metadata = Layers(tmp_path, [CORE]).load()
    metadata.set("s", "X", {"a": 1})

    with pytest.raises(MetadataError, match="no layer of own metadata"):
        metadata.save()


def test_all_who_save_at_once_have_their_changes_in_the_file(layers: Layers) -> None:
    def save(number: int) -> None:
        metadata = layers.load()
        metadata.set("s", "X", {f"key{number}": number})
        metadata.save()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert saved(layers, "s/X.json").keys() == {f"key{number}" for number in range(8)}
