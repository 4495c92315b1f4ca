"""A shop, as the tests of services see it: products with a maker and categories."""

from __future__ import annotations

from typing import Any

from core.application import Application
from core.Services import Record

PRODUCT: dict[str, Any] = {
    "fields": {
        "name": {"type": "varchar", "required": True, "maxLength": 50},
        "code": {"type": "varchar", "unique": True},
        "price": {"type": "float", "min": 0},
        "tags": {"type": "array"},
        "status": {"type": "enum", "options": ["Draft", "Final"], "default": "Draft"},
        "released": {"type": "date"},
        "checksum": {"type": "varchar", "protected": True},
        "shelf": {
            "type": "varchar",
            "conditionalProperties": {
                "protected": {"conditionGroup": [{"type": "equals", "attribute": "status", "value": "Final"}]}
            },
        },
        "mood": {"type": "notStorable"},
        "maker": {"type": "link"},
        "makerCity": {"type": "foreign", "link": "maker", "field": "city"},
        "sealedMaker": {"type": "link", "protected": True},
        "categories": {"type": "linkMultiple"},
    },
    "links": {
        "maker": {"type": "belongsTo", "entity": "Maker", "foreign": "products"},
        "sealedMaker": {"type": "belongsTo", "entity": "Maker"},
        "categories": {
            "type": "hasMany",
            "entity": "Category",
            "foreign": "products",
            "relationName": "productCategory",
        },
    },
    "collection": {"sortBy": "name", "asc": True},
}
MAKER: dict[str, Any] = {
    "fields": {"name": {"type": "varchar"}, "city": {"type": "varchar"}},
    "links": {"products": {"type": "hasMany", "entity": "Product", "foreign": "maker"}},
}
CATEGORY: dict[str, Any] = {
    "fields": {"name": {"type": "varchar"}, "products": {"type": "linkMultiple"}},
    "links": {
        "products": {
            "type": "hasMany",
            "entity": "Product",
            "foreign": "categories",
            "relationName": "productCategory",
        }
    },
}
#: The middle table of products and categories, with a field of its own.
PRODUCT_CATEGORY: dict[str, Any] = {"fields": {"position": {"type": "int"}}}

FILES: dict[str, str | dict[str, Any]] = {
    "Resources/metadata/entityDefs/Product.json": PRODUCT,
    "Resources/metadata/entityDefs/Maker.json": MAKER,
    "Resources/metadata/entityDefs/Category.json": CATEGORY,
    "Resources/metadata/entityDefs/ProductCategory.json": PRODUCT_CATEGORY,
    "Resources/metadata/scopes/Product.json": {"entity": True, "type": "Base", "hasOwner": True},
    "Resources/metadata/scopes/Maker.json": {"entity": True, "type": "Base"},
    "Resources/metadata/scopes/Category.json": {"entity": True, "type": "Base"},
}


class Shop:
    """The services of an installation with the module of `FILES`."""

    def __init__(self, application: Application) -> None:
        self.container = application.container
        self.manager = application.container.get("entityManager")

    def __getattr__(self, name: str) -> Record:
        """`shop.Product` is the service of the products."""
        if not name[0].isupper():
            raise AttributeError(name)
        return self.service(name)

    def service(self, name: str) -> Any:
        return self.container.get("serviceFactory").create(name)

    def add(self, entity_type: str = "Product", **values: Any) -> str:
        """The id of a new record."""
        return str(self.service(entity_type).create_entity({"name": entity_type, **values})["id"])

    def add_many(self, count: int, **values: Any) -> list[str]:
        """The ids of new products, made in one go."""
        products = [self.manager.get_entity("Product") for _ in range(count)]
        for product in products:
            product.set({"name": "Product", **values})
        self.manager.save_entities(products)
        return [product.id for product in products]

    def stored(self, entity_id: str, name: str, entity_type: str = "Product") -> Any:
        """The value of an attribute as it stands in the database; `removed` or `gone` where the record is not there."""
        found = self.manager.get_repository(entity_type).where({"id": entity_id}).with_deleted().find_one()
        if found is None:
            return "gone"
        return "removed" if found.get("deleted") else found.get(name)
