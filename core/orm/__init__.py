"""Entities in a SQL database, defined by metadata. Nothing in here knows what a particular entity means."""

from core.orm.class_finder import ClassFinder
from core.orm.database import Database
from core.orm.entity import Entity
from core.orm.entity_manager import EntityManager
from core.orm.query import Query
from core.orm.reference_repository import ReferenceRepository
from core.orm.relation_repository import RelationRepository
from core.orm.repository import Repository
from core.orm.schema import Schema

__all__ = [
    "ClassFinder",
    "Database",
    "Entity",
    "EntityManager",
    "Query",
    "ReferenceRepository",
    "RelationRepository",
    "Repository",
    "Schema",
]
