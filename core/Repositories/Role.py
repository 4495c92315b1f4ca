"""The roles: what is refused when one is saved."""

from __future__ import annotations

from typing import cast

from core.Entities import Role as RoleEntity
from core.exceptions import BadRequest
from core.orm.definition import as_object
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.repository import Repository


class Role(Repository):
    """Saves roles whose `data` mean something."""

    def before_save(self, entity: Entity, options: Options) -> None:
        """Raise BadRequest that names all that is wrong with `data`."""
        scopes = as_object(self.get_container().get("metadata").get(["scopes"]))
        faults = list(cast("RoleEntity", entity).faults(scopes)) if entity.has("data") else []
        if faults:
            raise BadRequest("\n".join(f"Role '{entity.get('name')}': {fault}" for fault in faults))
