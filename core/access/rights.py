"""Who may do what: the one place where that is decided."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from core.access.accounts import OPERATOR, VIEWER
from core.access.identity import Identity
from core.Entities import Role, User
from core.Entities.Role import ALL, EDIT, JOB_MANAGER, LEVELS, NO, READ, can_be_opened
from core.exceptions import Forbidden
from core.metadata import Metadata
from core.metadata.definitions import RELATION
from core.orm import Entity, EntityManager
from core.orm.definition import as_object
from core.sentence import Sentence

#: Settings, users, roles, tokens of others, the audit, modules: for administrators alone.
ADMINISTER = "administer"
_OF_OPERATORS = {
    "Job": ("create", "edit", "run", "cancel", "retry"),
    "ScheduledJob": ("create", "edit", "run", "pause"),
    JOB_MANAGER: ("pause",),
}
#: What lets a job type do its work, or do it otherwise; to stop one is not among it.
_LETS_WORK = ("create", "edit", "run", "retry", "pause", "delete")


class Rights:
    """Says what a user may do through the web.

    Whoever asks by an Identity is bound by the scope of her token as well. The console, jobs and the code of modules do
    not ask: they are trusted.
    """

    def __init__(self, entity_manager: EntityManager, metadata: Metadata) -> None:
        self._manager = entity_manager
        self._metadata = metadata
        #: For the time of a request: each one reads its user anew.
        self._roles: WeakKeyDictionary[User, list[Role]] = WeakKeyDictionary()

    def may(self, who: Identity | User, action: str, scope: str, record: Entity | None = None) -> bool:
        """Whether `who` may do `action` to `record`; without a record, to some record of the scope.

        Actions are read, create, edit, delete; run, cancel, retry and pause of jobs; and administer. A scope is an
        entity type or another word, such as `JobManager` or `Settings`; one that nobody knows is for administrators.
        """
        level = self.level(who, action, scope)
        if record is None or level == NO:
            return level != NO
        user = _user_of(who)
        if not user.is_admin() and action in _LETS_WORK and self.is_for_administrators(record):
            return False
        return level == ALL or is_own(record, user)

    def require(self, who: Identity | User, action: str, scope: str, record: Entity | None = None) -> None:
        """Raise Forbidden, which says what is not allowed, unless `may`."""
        if self.may(who, action, scope, record):
            return
        if isinstance(who, Identity) and who.is_read_only and action != READ:
            raise Forbidden(Sentence("This token is for reading only."))
        if record is not None and self.may(who, action, scope):
            if self.is_for_administrators(record):
                raise Forbidden(
                    Sentence("Jobs of the type '{type}' are for administrators alone.", type=record.get("type"))
                )
            raise Forbidden(
                Sentence(
                    "You may {action} {scope} records of your own only, and '{id}' is none.",
                    action=action,
                    scope=scope,
                    id=record.id,
                )
            )
        raise Forbidden(Sentence("You may not {action} {scope}.", action=action, scope=scope))

    def level(self, who: Identity | User, action: str, scope: str) -> str:
        """`all`, `own` or `no`: to which records of the scope `who` may do it."""
        if isinstance(who, Identity) and who.is_read_only and action != READ:
            return NO
        user = _user_of(who)
        if user.is_admin():
            return ALL
        if action == ADMINISTER:
            return NO
        ends = self._ends(scope)
        if ends:  # who relates two records changes both
            action = READ if action == READ else EDIT
            return min((self.level(user, action, end) for end in ends), key=LEVELS.index)
        return self._level(user, action, scope) if self._is_open(scope) else NO

    def is_for_administrators(self, record: Entity) -> bool:
        """Whether this is a job, or a schedule, of a type with `administratorsOnly`, as stored or as set."""
        if record.entity_type not in ("Job", "ScheduledJob"):
            return False
        types = [record.get("type"), None if record.is_new() else record.get_fetched("type")]
        return any(
            self._metadata.get(["app", "jobTypes", each, "administratorsOnly"]) is True for each in types if each
        )

    def _level(self, user: User, action: str, scope: str) -> str:
        role = user.get("systemRole")
        if action == READ and role in (OPERATOR, VIEWER):
            return ALL
        if role == VIEWER:
            return NO  # whatever other roles say
        if role == OPERATOR and action in _OF_OPERATORS.get(scope, ()):
            return ALL
        return max((each.level(action, scope) for each in self._of(user)), key=LEVELS.index, default=NO)

    def _is_open(self, scope: str) -> bool:
        return scope == JOB_MANAGER or can_be_opened(as_object(self._metadata.get(["scopes"])), scope)

    def _ends(self, scope: str) -> list[str]:
        """The entities on both sides, if the scope is the table between them."""
        if as_object(self._metadata.get(["scopes", scope])).get("type") != RELATION:
            return []
        links = as_object(self._metadata.get(["entityDefs", scope, "links"]))
        people = ("createdBy", "modifiedBy", "ownerUser", "assignedUser")
        return [str(as_object(link).get("entity")) for name, link in links.items() if link and name not in people]

    def _of(self, user: User) -> list[Role]:
        if user not in self._roles:
            self._roles[user] = self._manager.get_repository("User").find_related(user, "roles")
        return self._roles[user]


def own_attributes(has: Callable[[str], bool]) -> list[str]:
    """The attributes that make a record somebody's own: owner and assigned user; the creator, where it has neither.

    `has` says whether records have an attribute.
    """
    people = [each for each in ("ownerUserId", "assignedUserId") if has(each)]
    return people or [each for each in ("createdById",) if has(each)]


def is_own(record: Entity, user: Entity) -> bool:
    """Whether the record is the user's own, as it is stored."""
    stored = record.get if record.is_new() else record.get_fetched
    return any(stored(each) == user.id for each in own_attributes(record.has_attribute))


def _user_of(who: Identity | User) -> User:
    return who.user if isinstance(who, Identity) else who
