"""Layouts of core and modules, those of the installation, defaults, and listeners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.exceptions import Error, NotFound
from core.layouts.merge import merge_layouts
from tests.unit.layouts.conftest import Layouts

NAME = {"name": "name", "link": True}
PRICE = {"name": "price"}


def test_a_file_is_answered(layouts: Layouts) -> None:
    layouts.write("core", "Article/list", [NAME, PRICE])

    assert layouts.manager.get("Article", "list") == [NAME, PRICE]


def test_modules_add_theirs_in_load_order(layouts: Layouts) -> None:
    layouts.write("core", "Article/list", [NAME])
    layouts.write("A", "Article/list", [PRICE])
    layouts.write("B", "Article/list", [{"name": "code"}])

    assert [column["name"] for column in layouts.manager.get("Article", "list")] == ["name", "price", "code"]


def test_a_module_may_change_what_was_there_before_its_file_is_added(layouts: Layouts) -> None:
    layouts.write("core", "Article/list", [NAME])
    layouts.write("A", "Article/list", [PRICE])
    layouts.changes["A"] = lambda scope, name, data: [] if (scope, name) == ("Article", "list") else data

    assert layouts.manager.get("Article", "list") == [PRICE]


def test_a_module_may_make_a_layout_without_a_file(layouts: Layouts) -> None:
    layouts.changes["B"] = lambda scope, name, data: [*data, PRICE]

    assert layouts.manager.get("Article", "list") == [PRICE]


def test_a_hook_that_fails_changes_nothing(layouts: Layouts, caplog: pytest.LogCaptureFixture) -> None:
    def change(scope: str, name: str, data: list[Any]) -> list[Any]:
        data.clear()
        raise KeyError("x")

    layouts.write("core", "Article/list", [NAME])
    layouts.changes |= {"A": change, "B": lambda scope, name, data: {"a": 1}}

    assert layouts.manager.get("Article", "list") == [NAME]
    assert "A: load_layouts() failed for Article/list: KeyError: 'x'" in caplog.text
    assert "B: load_layouts() answers {'a': 1} for Article/list; a layout is a list." in layouts.manager.check()


def test_the_installations_own_replaces_them(layouts: Layouts) -> None:
    layouts.write("core", "Article/list", [NAME])
    layouts.write("own", "Article/list", [PRICE])

    assert layouts.manager.get("Article", "list") == [PRICE]


def test_what_the_scope_does_not_have_is_dropped(layouts: Layouts) -> None:
    row = [{"name": "price"}, {"name": "discount"}]
    panels = [{"label": "A", "rows": [row, [{"name": "x"}, False]]}, {"label": "B", "rows": [[{"name": "x"}]]}]
    layouts.write("core", "Article/detail", panels)
    columns = [
        NAME,
        {"name": "gone"},
        {"name": "x"},
        {"name": "x", "view": "a/b"},
        {"name": "ownerUser"},
        {"name": "id"},
    ]
    layouts.write("core", "Article/list", columns)
    layouts.write("core", "Article/relationships", ["tags", {"name": "price"}, "no"])
    layouts.write("core", "Article/massUpdate", ["price", "no"])
    manager = layouts.manager

    assert manager.get("Article", "detail") == [{"label": "A", "rows": [[{"name": "price"}, False]]}]
    assert manager.get("Article", "list") == [NAME, {"name": "x", "view": "a/b"}, {"name": "ownerUser"}, {"name": "id"}]
    assert manager.get("Article", "relationships") == ["tags"]
    assert manager.get("Article", "massUpdate") == ["price"]


def test_a_modules_own_kind_of_layout_is_any_list(layouts: Layouts) -> None:
    layouts.write("A", "Article/kanban", ["x", 1])
    layouts.write("A", "Dashboard/list", [{"name": "x"}])

    assert layouts.manager.get("Article", "kanban") == ["x", 1]
    assert layouts.manager.get("Article", "other") == []
    assert layouts.manager.get("Dashboard", "list") == [{"name": "x"}]
    assert layouts.manager.get("Dashboard", "detail") == []


@pytest.mark.parametrize(
    ("scope", "view_type", "layout"),
    [
        ("Article", "list", [{"name": "name", "link": True}]),
        ("Article", "listSmall", [{"name": "name", "link": True}]),
        ("ArticleTag", "list", [{"name": "article", "link": True}, {"name": "tag"}, {"name": "weight"}]),
        ("Colour", "list", [{"name": "name", "link": True}, {"name": "code"}]),
        ("Article", "relationships", [{"name": "tags"}]),
        ("ArticleTag", "relationships", []),
        (
            "Article",
            "detail",
            [
                {
                    "label": "Overview",
                    "rows": [
                        [{"name": "name"}, {"name": "price"}],
                        [{"name": "text", "fullWidth": True}],
                        [{"name": "code"}, {"name": "brand"}],
                        [{"name": "ownerUser"}, {"name": "createdAt"}],
                        [{"name": "modifiedAt"}, {"name": "createdBy"}],
                        [{"name": "modifiedBy"}, False],
                    ],
                }
            ],
        ),
    ],
)
def test_what_has_no_file_has_a_default(layouts: Layouts, scope: str, view_type: str, layout: list[Any]) -> None:
    assert layouts.manager.get(scope, view_type) == layout


def test_a_field_alone_before_a_wide_one_has_its_row(layouts: Layouts) -> None:
    fields = {"a": {"type": "int"}, "b": {"type": "text"}, "createdAt": {"type": "int"}, "modifiedAt": {"type": "int"}}
    layouts.write("metadata", "entityDefs/Note", {"fields": fields})

    rows = layouts.manager.get("Note", "detail")[0]["rows"]

    assert rows[:2] == [[{"name": "a"}, False], [{"name": "b", "fullWidth": True}]]


def test_an_empty_file_is_an_empty_layout(layouts: Layouts) -> None:
    layouts.write("core", "Article/relationships", [])

    assert layouts.manager.get("Article", "relationships") == []


# Listeners


@pytest.fixture
def listeners(layouts: Layouts, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(layouts.root))
    (layouts.root / "listeners").mkdir()
    (layouts.root / f"listeners_of_{layouts.root.name}").symlink_to(layouts.root / "listeners")
    return layouts.root / "listeners"


def test_listeners_may_change_the_result(layouts: Layouts, listeners: Path) -> None:
    (listeners / "ArticleLayout.py").write_text(
        "class ArticleLayout:\n"
        "    def list_small(self, event):\n"
        "        params = event.get_argument('params')\n"
        "        event.set_argument('result', [*event.get_argument('result'), params])\n"
    )
    (listeners / "Layout.py").write_text(
        "class Layout:\n    def list_small(self, event):\n        event.get_argument('result').append('last')\n"
    )
    layouts.write("own", "Article/listSmall", [NAME])

    layout = layouts.manager.get("Article", "listSmall", related_entity="Brand", related_link="articles")

    params = {
        "scope": "Article",
        "viewType": "listSmall",
        "relatedEntity": "Brand",
        "relatedLink": "articles",
        "isCustom": True,
    }
    assert layout == [NAME, params, "last"]


def test_a_listener_that_sets_no_list_is_named(layouts: Layouts, listeners: Path) -> None:
    (listeners / "ArticleLayout.py").write_text(
        "class ArticleLayout:\n    def detail(self, event):\n        event.set_argument('result', None)\n"
    )

    with pytest.raises(Error, match=r"A listener of ArticleLayout.detail set the result None; a layout is a list."):
        layouts.manager.get("Article", "detail")


# What is wrong


@pytest.mark.parametrize(
    ("place", "layout", "problem"),
    [
        ("Article/list", "[{", "Article/list.json:1: "),
        ("Article/list", {"name": "x"}, "Article/list.json: a layout is a list, and this is none."),
        ("Article/list", [{"link": True}], 'Article/list.json: 0: {"link": true} is not a column such as'),
        ("Article/list", ["name"], 'Article/list.json: 0: "name" is not a column such as {"name": "status"}'),
        ("Article/list", [{"name": "name", "width": 120}], "0.width: 120 is not a number of percent"),
        (
            "Article/list",
            [{"name": "name", "notSortabel": True}],
            "0: unknown key 'notSortabel'. Did you mean 'notSortable'?",
        ),
        ("Article/detail", [{"label": "A"}], 'Article/detail.json: 0: {"label": "A"} is not a panel such as'),
        (
            "Article/detail",
            [{"rows": [{"name": "name"}]}],
            '0.rows.0: {"name": "name"} is not a row, which is a list of cells',
        ),
        ("Article/detail", [{"rows": [[True]]}], '0.rows.0.0: true is not a cell such as {"name": "status"}, or false'),
        ("Article/detailSmall", [{"rows": [[{"name": "name", "fullwidth": True}]]}], "Did you mean 'fullWidth'?"),
        ("Article/relationships", [5], '0: 5 is not a name such as "jobs"'),
    ],
)
def test_a_broken_file_is_named_and_the_rest_works(
    layouts: Layouts, caplog: pytest.LogCaptureFixture, place: str, layout: Any, problem: str
) -> None:
    layouts.write("A", place, layout)
    layouts.write("B", place, [NAME] if "list" in place else [])

    said = layouts.manager.check()
    assert any(problem in text for text in said), said

    scope, view_type = place.split("/")
    assert layouts.manager.get(scope, view_type) == ([NAME] if "list" in place else [])
    assert problem in caplog.text


def test_names_that_are_nearly_right_are_named(layouts: Layouts) -> None:
    own = layouts.write("own", "Article/list", [{"name": "pricee"}, {"name": "another"}])
    core = layouts.write("core", "Article/detail", [{"rows": [[{"name": "codee"}, False]]}])
    folder = layouts.write("A", "Articel/list", [NAME])

    assert layouts.manager.check() == [
        f"{core}: Article has no 'codee'. Did you mean 'code'?",
        f"{folder}: there is no scope 'Articel'. Did you mean 'Article'?",
        f"{own}: Article has no 'pricee'. Did you mean 'price'?",
    ]


@pytest.mark.parametrize(
    ("scope", "view_type", "message"),
    [
        ("Artcle", "list", "There is no scope 'Artcle'. Did you mean 'Article'?"),
        ("../own", "list", "There is no scope '../own'."),
        ("Article", "../../own/Article/list", "There is no layout '../../own/Article/list'."),
    ],
)
def test_what_is_no_name_is_refused(layouts: Layouts, scope: str, view_type: str, message: str) -> None:
    with pytest.raises(NotFound) as raised:
        layouts.manager.get(scope, view_type)

    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("base", "overlay", "merged"),
    [
        ([1], [2], [1, 2]),
        ({"a": [1], "b": 1}, {"a": [2], "c": 3}, {"a": [1, 2], "b": 1, "c": 3}),
        ({"a": 1}, {"a": 2}, {"a": [1, 2]}),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ([], {"a": 1}, [{"a": 1}]),
        (None, [1], [1]),
    ],
)
def test_the_merge(base: Any, overlay: Any, merged: Any) -> None:
    assert merge_layouts(base, overlay) == merged
