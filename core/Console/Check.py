"""`check`"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConfigurationError, DatabaseError, MetadataError, ModuleError, did_you_mean
from core.log import logger
from core.set_aside import reason_of
from core.terminal import output

if TYPE_CHECKING:
    from core.orm import Schema

_CORE = Path(__file__).parents[1]
# So much alike are a word and its misspelling; other words of a module's own are not.
_MISSPELT = 0.8
# Folders that are found by their names, and those in `Resources`. `Migrations` is the migrator's to judge.
_ROOMS = ("Entities", "Listeners", "Repositories", "Resources", "SelectManagers", "Services")
_OF_ENTITIES = ("Entities", "Repositories", "SelectManagers")
_RESOURCES = ("i18n", "layouts", "metadata")
_PROBLEM_OF_FIELD = re.compile(r"entityDefs/(?P<entity>\w+)\.json: the field '(?P<field>.*?)' (?P<what>.*)")

# A key that nobody knows does no harm: it may be meant for a later version, or for another module.
_HARMLESS = ": unknown key '"

#: A level of `logging`, and what was found.
Finding = tuple[int, str]


class Check(AbstractConsole):
    """Judges configuration, modules, metadata, what these name, and the database; says all that is wrong at once."""

    _has_metadata = False

    @staticmethod
    def get_description() -> str:
        return "Check configuration, modules, metadata and database."

    def run(self, params: dict[str, Any]) -> int:
        findings = self.findings()
        errors = [text for level, text in findings if level >= logging.ERROR]
        warnings = [text for level, text in findings if level == logging.WARNING]
        for text in errors:
            output.error(f"Error: {text}")
            logger.error(text)
        for text in warnings:
            output.warning(f"Warning: {text}")
            logger.warning(text)
        if errors:
            output.error(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}.")
            return 1
        output.success(f"No errors, {_count(warnings, 'warning')}." if warnings else "Everything is fine.")
        return 0

    def findings(self) -> list[Finding]:
        """All that is wrong or doubtful, each once."""
        found = [*self._configuration(), *self._modules(), *self._metadata(), *self._database()]
        # A broken configuration, or an address that cannot be, is met again by all that wants to open the database.
        texts = {text for _, text in found}
        return [each for each in dict.fromkeys(found) if not any(each[1].endswith(f": {text}") for text in texts)]

    def _configuration(self) -> list[Finding]:
        return _errors(self.get_config().check())

    def _modules(self) -> list[Finding]:
        container = self.get_container()
        modules, commands = container.get("moduleManager"), container.get("consoleManager")
        set_aside = [*modules.set_aside, *container.get("eventManager").check()]
        errors = [*(f"{each.module}: {each}" for each in set_aside), *commands.check()]
        errors += [fault for module in modules.modules for fault in _faults_of_manifest(module.path / "module.yaml")]
        misspelt = [text for module in modules.modules for text in _misspelt_folders(module.path)]
        return [*_errors(errors), *((logging.WARNING, text) for text in (*modules.warnings, *misspelt))]

    def _metadata(self) -> list[Finding]:
        from core.job_manager.handlers import try_handlers  # brings in the jobs' rooms, which no other command needs

        try:
            metadata = self.get_metadata()
        except MetadataError as error:
            return _errors(str(error).splitlines())
        self._has_metadata = True
        faults = [(logging.WARNING if _HARMLESS in text else logging.ERROR, text) for text in metadata.check()]
        errors = [*try_handlers(metadata).values(), *self._said_by("language"), *self._said_by("serviceFactory")]
        errors += self._schedules(faults)
        errors += [*self._said_by("twig"), *self._said_by("mailSender"), *self._said_by("layoutManager")]
        return [*faults, *self._entities(faults), *_errors(errors), *metadata.override_messages()]

    def _database(self) -> list[Finding]:
        # Where configuration or metadata cannot be read, that is said already.
        if self.get_config().problem is not None or not self._has_metadata:
            return []
        container = self.get_container()
        try:
            behind = container.get("dataManager").check()
        except (ConfigurationError, DatabaseError) as error:
            return _errors([*self._said_by("migrator"), str(error)])
        return [*_errors(self._said_by("migrator")), *((logging.WARNING, text) for text in behind)]

    def _said_by(self, service: str) -> list[str]:
        """What a service says is wrong with what it reads; a module's own service in its place may say nothing."""
        try:
            check = getattr(self.get_container().get(service), "check", list)
            return list(check())
        except Exception as error:  # noqa: BLE001 - a module's factory may raise anything
            return [f"The service '{service}' cannot be had: {reason_of(error)}"]

    def _schedules(self, faults: Sequence[Finding]) -> list[str]:
        """Schedules of modules that could not be made, but for those with which something is wrong already."""
        try:
            wrong = self.get_service_factory().create("ScheduledJob").check()
        except Exception as error:  # noqa: BLE001 - a module's service, repository or entity in the place of core's
            return [f"The schedules of app/scheduledJobs.json cannot be judged: {reason_of(error)}"]
        place = "app.scheduledJobs."
        return [
            f"app/scheduledJobs.json: {place}{name}: {why}"
            for name, why in wrong.items()
            if not any(re.search(rf"{re.escape(place + name)}\b", text) for _, text in faults)
        ]

    def _entities(self, faults: Sequence[Finding]) -> list[Finding]:
        schema = self.get_container().get("schema")
        names = schema.names()
        sections = [self.get_metadata().get(section) for section in ("scopes", "entityDefs")]
        known = {*names, *(name for section in sections if isinstance(section, dict) for name in section)}
        problems = [text for name in names for text in _problems_of(schema, name) if not _is_said(text, faults)]
        strangers = [*self.get_event_manager().wrong_entities(known), *self._classes_of_no_entity(known)]
        return [*_errors([*problems, *self._entity_classes(names)]), *((logging.WARNING, text) for text in strangers)]

    def _entity_classes(self, names: Sequence[str]) -> Iterator[str]:
        from core.orm import ClassFinder, Entity, Repository  # SQLAlchemy, as the schema needs it
        from core.SelectManagers import Base

        finder = ClassFinder(self._packages())
        bases: dict[str, type[Any]] = {"Entities": Entity, "Repositories": Repository, "SelectManagers": Base}
        for folder, base in bases.items():
            for name in names:
                try:
                    finder.find(folder, name, base)
                except ModuleError as error:
                    yield str(error)

    def _classes_of_no_entity(self, known: Collection[str]) -> Iterator[str]:
        """Files that are named nearly as an entity is: others may be a module's own."""
        for _, path in self._packages():
            for file in sorted(file for folder in _OF_ENTITIES for file in path.glob(f"{folder}/*.py")):
                hint = "" if file.stem in known else did_you_mean(file.stem, known, _MISSPELT)
                if hint:
                    yield f"{file}: there is no entity '{file.stem}'.{hint}"

    def _packages(self) -> list[tuple[str, Path]]:
        modules = self.get_container().get("moduleManager").modules
        return [("core", _CORE), *((module.package, module.path) for module in modules)]


def _misspelt_folders(module: Path) -> Iterator[str]:
    for parent, known in ((module, _ROOMS), (module / "Resources", _RESOURCES)):
        for folder in sorted(parent.glob("*/")):
            hint = "" if folder.name in known else did_you_mean(folder.name, known, _MISSPELT)
            if hint:
                yield f"{folder}: nobody looks into this folder.{hint}"


def _problems_of(schema: Schema, name: str) -> Sequence[str]:
    try:
        entity_type = schema.entity_type(name)
    except MetadataError as error:
        return [str(error)]
    return [*entity_type.problems, *schema.link_problems_of(name)]


def _is_said(problem: str, faults: Sequence[Finding]) -> bool:
    """Whether the metadata's faults have the same field, or that parameter of it, already, with its file."""
    found = _PROBLEM_OF_FIELD.match(problem)
    if found is None:
        return False
    path = re.escape(f"entityDefs.{found['entity']}.fields.{found['field']}")
    place = re.compile(rf"{path}(?:\.(?P<parameter>\w+)[\w.]*)?: ")
    faulty = [match["parameter"] for level, text in faults if level >= logging.ERROR and (match := place.search(text))]
    return any(each in (None, "type") or re.search(rf"\b{each}\b", found["what"]) for each in faulty)


def _faults_of_manifest(file: Path) -> list[str]:
    from core.metadata.judge import judge  # jsonschema, as no boot needs it
    from core.metadata.yaml_reader import load_yaml

    return judge(load_yaml(file) or {}, "module", file) if file.exists() else []


def _errors(texts: Sequence[str]) -> list[Finding]:
    return [(logging.ERROR, text) for text in texts]


def _count(texts: Sequence[str], noun: str) -> str:
    return f"{len(texts)} {noun}{'' if len(texts) == 1 else 's'}"
