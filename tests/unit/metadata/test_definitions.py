"""What entities have without saying so."""

from __future__ import annotations

from typing import Any

from core.metadata.definitions import complete, middle_links, relation_entity

TO_CATEGORIES = {"type": "hasMany", "entity": "Category", "foreign": "products", "relationName": "productCategory"}
TO_PRODUCTS = {"type": "hasMany", "entity": "Product", "foreign": "categories", "relationName": "productCategory"}
USER = {"type": "belongsTo", "entity": "User"}


def completed(scope: dict[str, Any] | None = None, **definition: Any) -> dict[str, Any]:
    data = complete({"scopes": {"Thing": {"entity": True, **(scope or {})}}, "entityDefs": {"Thing": definition}})
    thing: dict[str, Any] = data["entityDefs"]["Thing"]
    return thing


def products(**scopes: Any) -> dict[str, Any]:
    return {
        "scopes": {"Product": {"entity": True}, "Category": {"entity": True}, **scopes},
        "entityDefs": {
            "Product": {"links": {"categories": TO_CATEGORIES}},
            "Category": {"links": {"products": TO_PRODUCTS}},
        },
    }


def test_every_entity_has_moments_and_users() -> None:
    thing = completed()

    assert list(thing["fields"]) == ["createdAt", "modifiedAt", "createdBy", "modifiedBy"]
    assert thing["links"] == {"createdBy": USER, "modifiedBy": USER}


def test_flags_of_the_scope_bring_fields() -> None:
    thing = completed({"hasOwner": True, "hasAssignedUser": True, "hasActive": True, "hasArchive": True})

    assert list(thing["fields"])[:4] == ["ownerUser", "assignedUser", "isActive", "isArchived"]
    assert {"ownerUser", "assignedUser"} <= thing["links"].keys()


def test_what_is_declared_stays() -> None:
    own = {"type": "bool", "default": True}
    thing = completed({"hasActive": True}, fields={"isActive": own, "createdBy": None})

    assert thing["fields"]["isActive"] == own
    assert thing["fields"]["createdBy"] is None
    assert "createdBy" not in thing["links"]


def test_what_is_no_entity_is_left_alone() -> None:
    data = {"scopes": {"Page": {"tab": True}, "Odd": 5}, "entityDefs": {"Page": {"fields": {}}}}

    assert complete(data) == data


def test_a_tree_has_parents_and_children() -> None:
    data = complete({"scopes": {"Category": {"entity": True, "type": "Hierarchy"}}})

    links = data["entityDefs"]["Category"]["links"]
    assert (links["parents"]["foreign"], links["children"]["foreign"]) == ("children", "parents")
    assert data["scopes"]["CategoryHierarchy"] == {"entity": True, "type": "Relation"}
    middle = data["entityDefs"]["CategoryHierarchy"]
    assert {"entity", "parent", "hierarchySortOrder"} <= middle["fields"].keys()


def test_a_relation_brings_the_entity_between() -> None:
    data = complete(products())

    middle = data["entityDefs"]["ProductCategory"]
    assert middle["links"]["product"] == {"type": "belongsTo", "entity": "Product"}
    assert middle["fields"]["category"] == {"type": "link", "required": True}
    assert middle["uniqueIndexes"]["relation"] == {"columns": ["categoryId", "productId", "deleted"]}
    assert "createdAt" in middle["fields"]


def test_an_entity_between_may_have_fields_of_its_own() -> None:
    given = products(ProductCategory={"entity": True, "type": "Relation", "acl": True})
    given["entityDefs"]["ProductCategory"] = {"fields": {"sorting": {"type": "int"}}}

    data = complete(given)

    assert {"sorting", "product", "category"} <= data["entityDefs"]["ProductCategory"]["fields"].keys()
    assert data["scopes"]["ProductCategory"]["acl"] is True


def test_to_complete_twice_changes_nothing() -> None:
    once = complete(products(Tree={"entity": True, "type": "Hierarchy", "hasOwner": True}))

    assert complete(once) == once


def test_what_is_given_stays_as_it_is() -> None:
    given = products()

    complete(given)

    assert given == products()


def test_the_links_of_an_entity_between_are_called_as_the_entities_are() -> None:
    assert relation_entity("productCategory") == "ProductCategory"
    assert middle_links("Product", "categories", TO_CATEGORIES) == ("product", "category")
    assert middle_links("Category", "products", TO_PRODUCTS) == ("category", "product")


def test_the_links_of_an_entity_between_may_be_named() -> None:
    assert middle_links("Product", "categories", {**TO_CATEGORIES, "midKeys": ["itemId", "groupId"]}) == (
        "item",
        "group",
    )


def test_an_entity_between_a_thing_and_itself_has_two_sides() -> None:
    link = {"type": "hasMany", "entity": "Product", "foreign": "similarTo", "relationName": "similar"}

    assert middle_links("Product", "similar", link) == ("left", "right")
    assert middle_links("Product", "similarTo", {**link, "foreign": "similar"}) == ("right", "left")
