"""Links: to one, to many, through an entity of their own, and to the same entity."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest, MetadataError, NotFound
from tests.integration.orm.conftest import DataLayer
from tests.integration.orm.shop import NAME, Shop

LISTENER = """
from core.Listeners import AbstractListener

class {name}(AbstractListener):
    heard = []

    def _note(self, event, what):
        foreign, data = event.get_argument("foreign"), event.get_argument("relationData")
        self.heard.append((what, event.get_argument("relationName"), foreign.get("name"), dict(data)))

    def before_relate(self, event):
        self._note(event, "before_relate")
        if event.get_argument("foreign").get("name") == "forbidden":
            raise ValueError("no")

    def after_relate(self, event):
        self._note(event, "after_relate")

    def before_unrelate(self, event):
        self._note(event, "before_unrelate")

    def after_unrelate(self, event):
        self._note(event, "after_unrelate")
"""


def names(entities: list[Any]) -> list[str]:
    return sorted(each.get("name") for each in entities)


@pytest.fixture
def shop(data: DataLayer) -> Shop:
    return Shop(data)


def test_a_relation_is_seen_from_both_sides(shop: Shop) -> None:
    bike, red, blue = shop.make("Product", "bike"), shop.make("Category", "red"), shop.make("Category", "blue")
    products = shop.repository("Product")

    assert products.relate(bike, "categories", red) is True
    assert products.relate(bike, "categories", red.id) is False
    assert shop.repository("Category").relate(blue, "products", bike) is True

    assert names(products.find_related(bike, "categories")) == ["blue", "red"]
    assert names(red.get("products")) == ["bike"]
    assert products.count_related(bike, "categories") == 2
    assert products.is_related(bike, "categories", red)
    assert shop.repository("ProductCategory").count() == 2


def test_what_is_related_can_be_asked_for_like_everything_else(shop: Shop) -> None:
    bike = shop.make("Product", "bike", categoriesIds=[shop.make("Category", name).id for name in "abc"])

    found = shop.repository("Product").related(bike, "categories").where({"name!=": "b"}).order("name", "DESC").find()

    assert [each.get("name") for each in found] == ["c", "a"]


def test_the_end_of_a_relation_leaves_nothing_behind(shop: Shop) -> None:
    red = shop.make("Category", "red")
    bike = shop.make("Product", "bike", categoriesIds=[red.id])
    products = shop.repository("Product")

    assert products.unrelate(bike, "categories", red) is True
    assert products.unrelate(bike, "categories", red) is False

    assert products.find_related(bike, "categories") == []
    assert shop.repository("ProductCategory").with_deleted().count() == 0


def test_a_relation_has_fields_of_its_own(shop: Shop) -> None:
    bike, red = shop.make("Product", "bike"), shop.make("Category", "red")
    products = shop.repository("Product")

    products.relate(bike, "categories", red, {"position": 3})
    assert products.get_relation(bike, "categories", red).get("position") == 3
    products.relate(bike, "categories", red, {"position": 4})
    assert products.get_relation(bike, "categories", red).get("position") == 4
    assert products.update_relation(bike, "categories", red, {"position": 5}) is True
    assert products.get_relation(bike, "categories", red).get("position") == 5
    with pytest.raises(BadRequest, match="position = -1 is less than 0"):
        products.update_relation(bike, "categories", red, {"position": -1})


def test_a_link_to_one_is_written_from_either_side(shop: Shop) -> None:
    bike, acme = shop.make("Product", "bike"), shop.make("Maker", "Acme", town="Ulm")

    assert shop.repository("Maker").relate(acme, "products", bike) is True
    assert (bike.get("makerId"), shop.again(bike).get("makerName")) == (acme.id, "Acme")
    assert shop.repository("Product").unrelate(bike, "maker", acme) is True
    assert shop.again(bike).get("maker") is None
    assert shop.repository("Product").relate(bike, "maker", acme.id) is True
    assert names(acme.get("products")) == ["bike"]
    assert shop.repository("Product").find_related(bike, "maker")[0].id == acme.id


def test_relating_writes_nothing_else(shop: Shop) -> None:
    bike, acme = shop.make("Product", "bike"), shop.make("Maker", "Acme")
    bike.set("name", "unsaved")

    shop.repository("Product").relate(bike, "maker", acme)

    assert (shop.again(bike).get("name"), bike.get("name"), bike.get("makerId")) == ("bike", "unsaved", acme.id)
    shop.data.entities.save_entity(bike, {"check_version": True})
    assert shop.again(bike).get("name") == "unsaved"


def test_a_foreign_field_shows_what_the_linked_entity_has(shop: Shop) -> None:
    bike = shop.make("Product", "bike", makerId=shop.make("Maker", "Acme", town="Ulm").id)

    assert bike.get("makerTown") == "Ulm"
    assert shop.make("Product", "none").get("makerTown") is None
    with pytest.raises(BadRequest, match="'makerTown' is the town of maker; set it there"):
        bike.set("makerTown", "Bonn")


def test_ids_relate_and_unrelate_what_differs(shop: Shop) -> None:
    a, b, c = (shop.make("Category", name) for name in "abc")
    bike = shop.make("Product", "bike", categoriesIds=[a.id, b.id, b.id])
    assert bike.get("categoriesNames") == {a.id: "a", b.id: "b"}

    again = shop.again(bike)
    assert again.get("categoriesIds") == [a.id, b.id]
    assert not again.is_attribute_changed("categoriesIds")
    again.get("categoriesIds").append(c.id)
    again.get("categoriesIds").remove(a.id)
    assert again.is_attribute_changed("categoriesIds")
    shop.data.entities.save_entity(again)

    assert shop.again(bike).get("categoriesIds") == [b.id, c.id]


def test_what_others_relate_meanwhile_stays(shop: Shop) -> None:
    a, b, c = (shop.make("Category", name) for name in "abc")
    bike = shop.make("Product", "bike", categoriesIds=[a.id])
    mine = shop.again(bike)
    mine.get("categoriesIds").append(b.id)

    shop.repository("Product").relate(bike, "categories", c)
    shop.data.entities.save_entity(mine)

    assert names(shop.again(bike).get("categories")) == ["a", "b", "c"]


def test_an_unknown_id_saves_nothing(shop: Shop) -> None:
    bike = shop.data.entities.get_entity("Product")
    bike.set({"name": "bike", "categoriesIds": ["nobody"]})

    with pytest.raises(NotFound, match="There is no Category 'nobody' for the link 'categories' of Product"):
        shop.data.entities.save_entity(bike)
    assert bike.is_new()
    assert shop.repository("Product").count() == 0


def test_the_many_of_a_maker_can_be_set_by_ids(shop: Shop) -> None:
    bikes = [shop.make("Product", name).id for name in ("a", "b")]
    acme = shop.make("Maker", "Acme", productsIds=bikes)

    assert names(acme.get("products")) == ["a", "b"]
    acme.set("productsIds", bikes[1:])
    shop.data.entities.save_entity(acme)
    assert names(shop.again(acme).get("products")) == ["b"]


def test_removed_entities_are_not_related_and_restored_ones_are_again(shop: Shop) -> None:
    red = shop.make("Category", "red")
    bike = shop.make("Product", "bike", categoriesIds=[red.id])

    shop.data.entities.remove_entity(red)
    assert shop.repository("Product").find_related(bike, "categories") == []
    assert shop.repository("Product").is_related(bike, "categories", red) is False
    shop.repository("Category").restore(red.id)
    assert names(bike.get("categories")) == ["red"]


def test_what_is_removed_is_related_to_nothing_new(shop: Shop) -> None:
    red, bike = shop.make("Category", "red"), shop.make("Product", "bike")
    shop.data.entities.remove_entity(red)

    for other in (red, red.id):
        with pytest.raises(NotFound, match=f"Category '{red.id}' is removed"):
            shop.repository("Product").relate(bike, "categories", other)
    with pytest.raises(NotFound, match="is removed"):
        shop.repository("Category").relate(red, "products", bike)
    with pytest.raises(NotFound, match="is removed"):
        shop.make("Product", "bell", categoriesIds=[red.id])


def test_a_row_that_is_deleted_for_good_takes_its_relations_along(shop: Shop) -> None:
    red = shop.make("Category", "red")
    shop.make("Product", "bike", categoriesIds=[red.id])

    shop.repository("Category").delete_from_db(red.id)

    assert shop.repository("ProductCategory").with_deleted().count() == 0


def test_an_entity_is_linked_to_its_own_kind_in_both_directions(shop: Shop) -> None:
    bike, bell = shop.make("Product", "bike"), shop.make("Product", "bell")

    shop.repository("Product").relate(bike, "recommended", bell)

    assert names(bike.get("recommended")) == ["bell"]
    assert names(bell.get("recommending")) == ["bike"]
    assert bell.get("recommended") == []


def test_a_hierarchy_has_parents_and_children(shop: Shop) -> None:
    top, middle, leaf = (shop.make("Category", name) for name in ("top", "middle", "leaf"))
    categories = shop.repository("Category")
    categories.relate(top, "children", middle)
    categories.relate(leaf, "parents", middle)

    assert names(middle.get("children")) == ["leaf"]
    assert names(middle.get("parents")) == ["top"]
    for link, ancestor in (("parents", leaf), ("parents", top), ("parents", middle)):
        with pytest.raises(BadRequest, match="would be its own ancestor"):
            categories.relate(top, link, ancestor)


def test_listeners_hear_of_relations_and_may_refuse(shop: Shop) -> None:
    shop.data.add_module(
        "Watch", {"Listeners/ProductEntity.py": LISTENER.format(name="ProductEntity"), "Listeners/__init__.py": ""}
    )
    bike, red = shop.make("Product", "bike"), shop.make("Category", "red")
    products = shop.repository("Product")
    products.relate(bike, "categories", red, {"position": 1})
    products.unrelate(bike, "categories", red)
    with pytest.raises(ValueError, match="no"):
        products.relate(bike, "categories", shop.make("Category", "forbidden"))

    from Watch.Listeners.ProductEntity import ProductEntity  # type: ignore[import-not-found]  # the module of this test

    assert ProductEntity.heard == [
        ("before_relate", "categories", "red", {"position": 1}),
        ("after_relate", "categories", "red", {"position": 1}),
        ("before_unrelate", "categories", "red", {}),
        ("after_unrelate", "categories", "red", {}),
        ("before_relate", "categories", "forbidden", {}),
    ]
    assert products.count_related(bike, "categories") == 0


def test_what_is_no_link_is_told(shop: Shop) -> None:
    bike, red, acme = shop.make("Product", "bike"), shop.make("Category", "red"), shop.make("Maker", "Acme")
    products = shop.repository("Product")

    with pytest.raises(BadRequest, match=r"Product has no link 'category'\. Did you mean 'categories'"):
        products.relate(bike, "category", red)
    with pytest.raises(BadRequest, match="The link 'categories' of Product leads to Category, not to Maker"):
        products.relate(bike, "categories", acme)
    with pytest.raises(BadRequest, match="save both entities before"):
        products.relate(products.make(), "categories", red)
    with pytest.raises(BadRequest, match="The link 'maker' of Product has no fields of its own"):
        products.relate(bike, "maker", acme, {"position": 1})


def test_sides_that_do_not_fit_are_told(data: DataLayer) -> None:
    data.define("One", {"name": NAME}, links={"many": {"type": "hasMany", "entity": "Two", "foreign": "one"}})
    data.define("Two", {"name": NAME})
    one = data.entities.get_entity("One")
    data.entities.save_entity(one)

    with pytest.raises(MetadataError, match="the link 'many' leads nowhere: Two has no link 'one' of type belongsTo"):
        one.get("many")
    assert any("the link 'many' leads nowhere" in each for each in data.schema.link_problems)


def test_numbers_count_without_gaps(shop: Shop) -> None:
    first = shop.make("Product", "a")
    with pytest.raises(RuntimeError), shop.data.entities.transaction():
        shop.make("Product", "b")
        raise RuntimeError
    more = [shop.repository("Product").make() for _ in range(3)]
    shop.data.entities.save_entities(more)
    chosen = shop.make("Product", "c", number=10)

    assert [first.get("number"), *(each.get("number") for each in more)] == [1, 2, 3, 4]
    assert (chosen.get("number"), shop.make("Product", "d").get("number")) == (10, 11)


def test_what_was_rolled_back_is_not_stored_in_memory_either(shop: Shop) -> None:
    red, bike = shop.make("Category", "red"), shop.make("Product", "bike")
    acme = shop.make("Maker", "Acme")
    new = shop.repository("Product").make()
    new.set("name", "new")
    with pytest.raises(RuntimeError), shop.data.entities.transaction():
        shop.data.entities.save_entity(new)
        bike.set({"name": "renamed", "categoriesIds": [red.id]})
        shop.data.entities.save_entity(bike)
        shop.repository("Product").relate(bike, "maker", acme)
        with pytest.raises(KeyError), shop.data.entities.transaction():
            shop.data.entities.remove_entity(acme)
            raise KeyError
        assert acme.is_attribute_changed("deleted") is False
        assert acme.get("deleted") is False
        raise RuntimeError

    assert (new.is_new(), bike.get_fetched("name"), bike.get("makerId")) == (True, "bike", None)
    assert bike.is_attribute_changed("categoriesIds")
    shop.data.entities.save_entities([new, bike])
    again = shop.again(bike)
    assert (again.get("name"), names(again.get("categories"))) == ("renamed", ["red"])
    assert shop.again(new).get("number") == new.get("number")


def test_two_pairs_of_entities_with_one_relation_name_are_told(shop: Shop) -> None:
    shop.data.define(
        "Shelf",
        {"name": NAME},
        links={"makers": {"type": "hasMany", "entity": "Maker", "relationName": "productCategory"}},
    )

    [problem] = shop.data.schema.link_problems
    assert "the link 'makers': ProductCategory has no unique index of shelfId, makerId and deleted" in problem


@pytest.mark.parametrize("option", ["checkVersion", "check_verison", "skipBeforeSafe"])
def test_a_misspelt_option_of_a_save_is_refused(shop: Shop, option: str) -> None:
    with pytest.raises(BadRequest, match=f"There is no option '{option}' of a save. Did you mean"):
        shop.data.entities.save_entity(shop.repository("Product").make(), {option: True})
    shop.data.entities.save_entity(shop.repository("Product").make(), {"importedFrom": "a listener knows it"})
