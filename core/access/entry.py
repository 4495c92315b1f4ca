"""What stands between who asks from outside and a record service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from core.access.audit import Audit, Values, changes_of
from core.access.caller import Caller
from core.access.redaction import REDACTED, Redaction, has_redacted
from core.access.rights import Rights, own_attributes
from core.Entities.Role import ALL, CREATE, EDIT, OWN, READ
from core.exceptions import BadRequest, Forbidden
from core.metadata import Metadata
from core.orm import Entity, EntityManager
from core.orm.definition import as_object
from core.orm.entity_type import EntityType
from core.orm.term import EntityTerms, Term
from core.sentence import Sentence

Output = dict[str, Any]
_JOBS = ("Job", "ScheduledJob")
#: What makes a job do another thing, on behalf of its owner.
_WHAT_IT_DOES = ("type", "payload", "checkpoint")
#: Of people that a record names everybody may know these.
_KNOWN_OF_USERS = ("id", "name")


class Entry:
    """Lets everything pass: what core, jobs and modules do among themselves."""

    def judge(self, entity: Entity) -> None:
        """Raise Forbidden where it may not be done to this record, as it is stored and as it is set."""

    def own(self) -> list[dict[str, Any]]:
        """Conditions that the records meet which are meant at all."""
        return []

    def judge_term(self, text: str, terms: EntityTerms) -> None:
        """Raise Forbidden for a condition or an order by what may not be known."""

    @property
    def judges_terms(self) -> bool:
        """Whether conditions and orders have to be judged."""
        return False

    def restored(self, data: Any, entity: Entity) -> Any:
        """The input; where it has a secret as it was shown, that which is stored."""
        return data

    def transaction(self) -> AbstractContextManager[object]:
        """What makes a change and its row of the audit one."""
        return nullcontext()

    def judge_link(self, entity: Entity, foreign: Entity) -> None:
        """Raise Forbidden where the two may not be related, or parted."""

    def note(self, entity: Entity, before: Values | None, after: Values | None, action: str | None = None) -> None:
        """The change is audited."""

    def changes(self, entity: Entity) -> tuple[Values | None, Values | None]:
        """What a save of the entity will change, before and after, for `note`."""
        return None, None

    def shown(self, output: Output) -> Output:
        """What of a record goes out."""
        return output

    def to(self, entity_type: EntityType) -> Entry:
        """The entry to the records of another type, for reading; raises Forbidden."""
        return self


TRUSTED = Entry()


class BoundEntry(Entry):
    """Lets pass what the caller may, tells the audit of it, and keeps secrets in."""

    def __init__(self, guard: Guard, caller: Caller, actions: Sequence[str], entity_type: EntityType) -> None:
        self._guard = guard
        self._who = caller.identity
        self._actions = actions
        self._type = entity_type
        for action in actions:
            guard.rights.require(self._who, action, entity_type.name)

    def judge(self, entity: Entity) -> None:
        for action in self._actions:
            self._guard.rights.require(self._who, action, self._type.name, None if action == CREATE else entity)
        for name, link in self._type.links_by_ids.items():
            if entity.is_attribute_changed(name) and entity.has(name):
                self._guard.rights.require(self._who, EDIT, link.entity)
        if not self._who.user.is_admin() and self._type.name in _JOBS:
            self._judge_job(entity)

    def own(self) -> list[dict[str, Any]]:
        if OWN not in [self._guard.rights.level(self._who, action, self._type.name) for action in self._actions]:
            return []
        attributes = own_attributes(self._type.columns.__contains__)
        return [{"OR": [{each: self._who.user.id} for each in attributes]} if attributes else {"id": []}]

    @property
    def judges_terms(self) -> bool:
        return not self._who.user.is_admin()

    def judge_term(self, text: str, terms: EntityTerms) -> None:
        if not self.judges_terms:
            return
        link = terms.type.links.get(text)
        if link is not None:
            self._judge_sight(text, link.entity, "id")
            return
        term = terms.term(text)
        self._judge_far(term)
        owner = term.relations[-1].far_type.name if term.relations else self._type.name
        if self._guard.is_sensitive(owner, term.attribute.name):
            raise Forbidden(f"{self._type.name}: '{text}' is for no conditions and no order: it may hold secrets.")

    def restored(self, data: Any, entity: Entity) -> Any:
        if not isinstance(data, Mapping):
            return data
        stored = {} if entity.is_new() else values_by_attribute(entity)
        restored = self._guard.redaction.restored(data, {**stored, "_prev": stored})
        if has_redacted(restored):
            raise BadRequest(f"{self._type.name}: there is a '{REDACTED}' where the secret itself has to be.")
        return restored

    def transaction(self) -> AbstractContextManager[object]:
        return self._guard.manager.transaction()

    def note(self, entity: Entity, before: Values | None, after: Values | None, action: str | None = None) -> None:
        self._guard.audit.note_change(action or "+".join(self._actions), entity, before, after)

    def judge_link(self, entity: Entity, foreign: Entity) -> None:
        self.judge(entity)
        self._guard.rights.require(self._who, EDIT, foreign.entity_type, foreign)

    def changes(self, entity: Entity) -> tuple[Values | None, Values | None]:
        return changes_of(entity)

    def shown(self, output: Output) -> Output:
        hidden = self._hidden() if self.judges_terms else ()
        shown: Output = self._guard.redaction.redact({k: v for k, v in output.items() if k not in hidden})
        return shown

    def to(self, entity_type: EntityType) -> Entry:
        return BoundEntry(self._guard, Caller(self._who), (READ,), entity_type)

    def _judge_job(self, job: Entity) -> None:
        """What a job may do is bound by its type and its owner: neither is a way to become somebody else."""
        me = self._who.user.id
        if job.is_new() and self._guard.rights.is_for_administrators(job):
            raise Forbidden(Sentence("Jobs of the type '{type}' are for administrators alone.", type=job.get("type")))
        if not job.has_attribute("ownerUserId"):
            return
        owner = None if job.is_new() else job.get_fetched("ownerUserId")
        if job.get("ownerUserId") not in (owner, me if job.is_new() else owner):
            raise Forbidden(Sentence("Only administrators may give a job to somebody else."))
        changes = not job.is_new() and any(job.has(each) and job.is_attribute_changed(each) for each in _WHAT_IT_DOES)
        if changes and owner != me:
            told = Sentence(
                "The job '{id}' is somebody else's: she and administrators may change what it does.", id=job.id
            )
            raise Forbidden(told)

    def _judge_far(self, term: Term) -> None:
        for relation in term.relations:
            self._judge_sight(term.text, relation.far_type.name, term.attribute.name)

    def _judge_sight(self, text: str, entity_type: str, attribute: str) -> None:
        if not self._may_see(entity_type, attribute):
            raise Forbidden(f"{self._type.name}: '{text}' leads to {entity_type}, which you may not read.")

    def _may_see(self, entity_type: str, attribute: str) -> bool:
        if entity_type == "User" and attribute in _KNOWN_OF_USERS:
            return True
        return self._guard.rights.level(self._who, READ, entity_type) == ALL

    def _hidden(self) -> set[str]:
        """What of linked records goes out with a record, of those that the caller may not read."""
        links = self._type.links.values()
        hidden = {f"{link.name}Name" for link in links if not self._may_see(link.entity, "name")}
        return hidden | {
            each.name
            for each in self._type.foreign_fields.values()
            if not self._may_see(self._type.links[each.link].entity, each.field)
        }


class Guard:
    """Makes the entries to record services."""

    def __init__(
        self, rights: Rights, redaction: Redaction, audit: Audit, entity_manager: EntityManager, metadata: Metadata
    ) -> None:
        self.rights = rights
        self.redaction = redaction
        self.audit = audit
        self.manager = entity_manager
        self._metadata = metadata

    def entry(self, caller: Caller, actions: Sequence[str], entity_type: EntityType) -> Entry:
        """The caller's entry, by which she does these things; raises Forbidden where she may do one to no record.

        Whoever she is: what is `internal` cannot be had from outside, and what is `readOnly` cannot be changed.
        """
        scope = as_object(self._metadata.get(["scopes", entity_type.name]))
        if scope.get("internal") or (scope.get("readOnly") and any(action != READ for action in actions)):
            raise Forbidden(
                f"{entity_type.name} cannot be {'had' if scope.get('internal') else 'changed'} from outside."
            )
        return BoundEntry(self, caller, actions, entity_type)

    def require_job(self, caller: Caller, action: str, entity_type: str) -> None:
        """Raise Forbidden where the caller may not do it to all records, by a job whose code is bound by no rights."""
        user = caller.identity.user
        is_closed = entity_type in _JOBS and not user.is_admin()
        if is_closed or self.rights.level(caller.identity, action, entity_type) != ALL:
            raise Forbidden(f"You may not {action} {entity_type} records by a job. Take 200 or less at a time.")

    def is_sensitive(self, entity_type: str, attribute: str) -> bool:
        """Whether an attribute may hold secrets, so that nobody is to find them out by conditions."""
        field = as_object(self._metadata.get(["entityDefs", entity_type, "fields", attribute]))
        return field.get("sensitive") is True or self.redaction.is_secret(attribute)


def values_by_attribute(entity: Entity) -> dict[str, Any]:
    """What is stored, by attribute."""
    return {name: entity.get_fetched(name) for name in entity.to_dict()}
