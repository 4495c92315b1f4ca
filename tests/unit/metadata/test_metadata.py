"""Metadata as core, modules and their listeners see them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.events import EventManager
from core.exceptions import MetadataError
from core.metadata import CORE, OWN, Layer, Metadata
from tests.unit.metadata.conftest import Layers

REPOSITORY = Path(__file__).parents[3]
CORE_METADATA = REPOSITORY / "core" / "Resources" / "metadata"

ListenerWriter = Callable[[str], EventManager]


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ListenerWriter:
    """Writes a `Listeners/Metadata.py` with these methods."""

    def write(body: str) -> EventManager:
        package = f"listeners_of_{tmp_path.name}"
        directory = tmp_path / "path" / package
        directory.mkdir(parents=True)
        (directory / "Metadata.py").write_text(f"class Metadata:\n{body}")
        monkeypatch.syspath_prepend(str(tmp_path / "path"))
        event_manager = EventManager(lambda cls: cls())
        event_manager.add_directory("A", directory, package)
        return event_manager

    return write


class TestGet:
    @pytest.fixture
    def metadata(self, layers: Layers) -> Metadata:
        layers.write(
            "A", "s/X.json", {"a": {"b": 1, "null": None}, "text": "t", "zero": 0, "list": ["p", "q"], "d.e": 2}
        )
        return layers.load()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("s.X.a.b", 1),
            (["s", "X", "a", "b"], 1),
            (["s", "X", "d.e"], 2),
            ("s.X.zero", 0),
            ("s.X.list", ["p", "q"]),
            ("s.X.list.1", "q"),
            ("s.X.text.further.on", "t"),
        ],
    )
    def test_a_value_is_found(self, metadata: Metadata, key: Any, value: Any) -> None:
        assert metadata.get(key, "default") == value

    @pytest.mark.parametrize(
        "key", ["missing", "s.X.missing", "s.X.a.missing.b", "s.X.a.null", "s.X.d.e", "s.X.list.2", "s.X.list.x", ""]
    )
    def test_what_is_missing_or_null_is_the_default(self, metadata: Metadata, key: str) -> None:
        assert metadata.get(key) is None
        assert metadata.get(key, "default") == "default"


class TestLayers:
    def test_a_later_layer_comes_on_top(self, layers: Layers) -> None:
        for owner, value in ((CORE, 1), ("A", 2), ("B", 3), (OWN, 4)):
            layers.write(owner, "s/X.json", {"value": value, owner: True})

        assert layers.load().get("s.X") == {"value": 4, CORE: True, "A": True, "B": True, OWN: True}

    def test_a_marker_adds_to_what_earlier_layers_have(self, layers: Layers) -> None:
        layers.write(CORE, "s/X.json", {"list": [1]})
        layers.write("A", "s/X.json", {"list": ["__APPEND__", 2]})
        layers.write("B", "s/X.yaml", "list: [__APPEND__, 3]")

        assert layers.load().get("s.X.list") == [1, 2, 3]

    def test_a_conflict_names_both_files_the_path_and_the_types(self, layers: Layers) -> None:
        first = layers.write(CORE, "s/X.json", {"a": {"list": [1]}})
        second = layers.write("B", "s/X.json", {"a": {"list": {"x": 1}}})

        with pytest.raises(MetadataError) as error:
            layers.load()

        assert str(error.value) == (
            f"{second}: s.X.a.list: an object cannot be merged onto a list, which is in {first}"
        )

    def test_all_conflicts_of_all_layers_are_said_at_once(self, layers: Layers) -> None:
        layers.write(CORE, "s/X.json", {"a": [1], "b": [1]})
        layers.write("A", "s/X.json", {"a": {"x": 1}})
        layers.write("B", "s/X.json", {"b": {"x": 1}})
        layers.write("B", "s/X.yaml", "b: 1")

        with pytest.raises(MetadataError) as error:
            layers.load()

        assert len(str(error.value).splitlines()) == 3

    def test_a_broken_file_is_a_problem_and_the_rest_works(self, layers: Layers) -> None:
        broken = layers.write("A", "app/jobTypes.json", '{"X": {"handler": "\\\\A\\\\Jobs\\\\X",}}')
        layers.register("B", Y={"handler": "\\B\\Jobs\\Y"})

        metadata = layers.load()

        assert list(metadata.get("app.jobTypes")) == ["Y"]
        assert any(problem.startswith(f"{broken}:1: ") for problem in metadata.problems)


class TestProblems:
    def test_a_violation_is_named_with_the_file_of_its_layer(self, layers: Layers) -> None:
        layers.register(CORE, X={"handler": "\\Atro\\Jobs\\X"})
        file = layers.register("A", X={"maxAttempts": 0})

        assert layers.load().problems == [f"{file}: app.jobTypes.X.maxAttempts: 0 is not a whole number from 1"]

    def test_a_job_type_without_a_handler_in_any_layer_is_named(self, layers: Layers) -> None:
        file = layers.register("A", Y={"priority": 1})

        assert layers.load().problems == [f"{file}: app.jobTypes.Y: it has no handler in any layer"]

    def test_a_field_without_a_type_in_any_layer_is_named(self, layers: Layers) -> None:
        layers.write(CORE, "entityDefs/Job.json", {"fields": {"name": {"type": "varchar"}}})
        file = layers.write("A", "entityDefs/Job.json", {"fields": {"nmae": {"required": True}, "name": {"len": 9}}})

        assert layers.load().problems == [f"{file}: entityDefs.Job.fields.nmae: it has no type in any layer"]

    def test_an_erased_entity_is_nothing_to_judge(self, layers: Layers) -> None:
        layers.write(CORE, "scopes/Job.json", {"entity": True})
        layers.write("A", "scopes.json", {"Job": None})

        assert layers.load().problems == []

    def test_check_judges_the_files_as_they_are_now(self, layers: Layers) -> None:
        metadata = layers.load()
        layers.write("A", "s/X.json", "{")
        layers.write("A", "s/X.yaml", "a: 1")

        assert len(metadata.check()) == 2
        assert metadata.problems == []

    def test_cores_own_metadata_are_without_fault(self, tmp_path: Path) -> None:
        assert Metadata([Layer(CORE, CORE_METADATA)], tmp_path).problems == []


class TestListeners:
    def test_what_load_data_sets_is_cached(self, layers: Layers, listener: ListenerWriter) -> None:
        body = "    def load_data(self, event):\n        event.set_argument('data', {'loaded': 1})\n"
        layers.load(listener(body))

        assert layers.load().get("loaded") == 1

    def test_what_modify_sets_is_never_cached(self, layers: Layers, listener: ListenerWriter) -> None:
        layers.write("A", "s/X.json", {"a": 1})
        event_manager = listener(
            "    def modify(self, event):\n        event.get_argument('data')['s']['X']['a'] += 1\n"
        )

        assert [layers.load(event_manager).get("s.X.a") for _ in range(3)] == [2, 2, 2]
        assert layers.load().get("s.X.a") == 1

    def test_after_init_comes_after_modify(self, layers: Layers, listener: ListenerWriter) -> None:
        body = (
            "    def modify(self, event):\n        event.set_argument('data', {'steps': ['modify']})\n"
            "    def after_init(self, event):\n        event.get_argument('data')['steps'].append('after_init')\n"
        )

        assert layers.load(listener(body)).get("steps") == ["modify", "after_init"]

    def test_load_data_may_only_leave_json(self, layers: Layers, listener: ListenerWriter) -> None:
        layers.write("A", "s/X.json", {})
        event_manager = listener(
            "    def load_data(self, event):\n        event.set_argument('data', {'x': object()})\n"
        )

        with pytest.raises(MetadataError, match=r"load_data .* not JSON"):
            layers.load(event_manager)

    @pytest.mark.parametrize("action", ["load_data", "modify", "after_init"])
    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            ("raise ValueError('no prices')", "ValueError: no prices"),
            ("raise SystemExit(3)", "SystemExit: 3"),
            ("event.set_argument('data', None)", "TypeError: 'data' is to be a dict, not None"),
        ],
    )
    def test_one_that_fails_is_named(
        self, layers: Layers, listener: ListenerWriter, action: str, statement: str, reason: str
    ) -> None:
        event_manager = listener(f"    def {action}(self, event):\n        {statement}\n")

        with pytest.raises(MetadataError) as caught:
            layers.load(event_manager)

        assert f"Metadata.py, line 3: The metadata cannot be had: {reason} (raised by listeners_of_" in str(
            caught.value
        )
        assert str(caught.value).endswith(f".Metadata.{action} (module A))")


def test_a_boot_from_the_cache_loads_no_heavy_library(layers: Layers) -> None:
    layers.register("A", X={"handler": "\\A\\Jobs\\X"})
    layers.load()
    code = (
        "import sys; from pathlib import Path; from core.metadata import Layer, Metadata\n"
        "root = Path(sys.argv[1])\n"
        "owners = ['core', 'A', 'B', 'data/metadata']\n"
        "Metadata([Layer(owner, root / owner) for owner in owners], root / 'cache').get('app')\n"
        "print(*{'jsonschema', 'yaml', 'difflib', 'sqlalchemy'} & sys.modules.keys())"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(layers.root)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []
