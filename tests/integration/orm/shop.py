"""Entities that are linked in every way."""

from __future__ import annotations

from typing import Any

from tests.integration.orm.conftest import DataLayer

NAME = {"type": "varchar"}


class Shop:
    """Products of makers, in categories, recommended with each other."""

    def __init__(self, data: DataLayer) -> None:
        data.define(
            "Product",
            {
                "name": NAME,
                "number": {"type": "autoincrement"},
                "maker": {"type": "link"},
                "makerTown": {"type": "foreign", "link": "maker", "field": "town"},
                "categories": {"type": "linkMultiple"},
            },
            links={
                "maker": {"type": "belongsTo", "entity": "Maker", "foreign": "products"},
                "categories": {
                    "type": "hasMany",
                    "entity": "Category",
                    "foreign": "products",
                    "relationName": "productCategory",
                },
                "recommended": {
                    "type": "hasMany",
                    "entity": "Product",
                    "foreign": "recommending",
                    "relationName": "recommendation",
                },
                "recommending": {
                    "type": "hasMany",
                    "entity": "Product",
                    "foreign": "recommended",
                    "relationName": "recommendation",
                },
            },
        )
        data.define(
            "Maker",
            {"name": NAME, "town": NAME, "products": {"type": "linkMultiple"}},
            links={"products": {"type": "hasMany", "entity": "Product", "foreign": "maker"}},
        )
        data.define(
            "Category",
            {"name": NAME, "products": {"type": "linkMultiple"}},
            {"type": "Hierarchy"},
            links={
                "products": {
                    "type": "hasMany",
                    "entity": "Product",
                    "foreign": "categories",
                    "relationName": "productCategory",
                }
            },
        )
        data.write("metadata/entityDefs/ProductCategory.json", {"fields": {"position": {"type": "int", "min": 0}}})
        self.data = data

    def make(self, entity_type: str, name: str, **values: Any) -> Any:
        entity = self.data.entities.get_entity(entity_type)
        entity.set({"name": name, **values})
        self.data.entities.save_entity(entity)
        return entity

    def again(self, entity: Any) -> Any:
        found = self.data.entities.get_entity(entity.entity_type, entity.id)
        assert found is not None
        return found

    def repository(self, entity_type: str) -> Any:
        return self.data.entities.get_repository(entity_type)
