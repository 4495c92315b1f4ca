"""The composition root: names every part once, as a factory that imports its room at first use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core import __version__
from core.config import Config
from core.container import Container
from core.events import EventManager
from core.exceptions import ConfigurationError
from core.log import LogFile, logger
from core.memory_storage import MemoryStorage
from core.module_manager import ModuleManager
from core.terminal import output

_CORE = Path(__file__).resolve().parent
# Commands that say nothing of what in the database is behind, or say it at their end.
_SAY_IT_THEMSELVES = ("cron", "check", "doctor", "migrate", "rebuild", "sql")
# These are there for when something is wrong.
_WITHOUT_SETTINGS = (["check"], ["doctor"], ["doctor", "--json"], ["kill", "daemons"])

# For `container.get(EntityManager)` and annotated constructors; texts, so that no heavy room is imported for them.
_CLASSES = {
    "core.config.config.Config": "config",
    "core.data_manager.DataManager": "dataManager",
    "core.events.event_manager.EventManager": "eventManager",
    "core.job_manager.handler_faults.HandlerFaults": "handlerFaults",
    "core.job_manager.job_manager.JobManager": "jobManager",
    "core.job_queue.queue.JobQueue": "jobQueue",
    "core.language.language.Language": "language",
    "core.layouts.layout_manager.LayoutManager": "layoutManager",
    "core.mail.mail_sender.MailSender": "mailSender",
    "core.memory_storage.MemoryStorage": "memoryStorage",
    "core.metadata.metadata.Metadata": "metadata",
    "core.migrator.migrator.Migrator": "migrator",
    "core.module_manager.module_manager.ModuleManager": "moduleManager",
    "core.orm.database.Database": "connection",
    "core.orm.entity_manager.EntityManager": "entityManager",
    "core.orm.schema.Schema": "schema",
    "core.Services.ServiceFactory.ServiceFactory": "serviceFactory",
    "core.templating.twig.Twig": "twig",
}


class Application:
    """One installation: a folder with `modules/` and `data/`, either of which may be missing.

    Applications with different roots may follow each other in one process; `close()` frees and unloads everything.
    With `strict` a module that cannot be loaded is an error (ModuleError), else it is set aside. Raises
    ConfigurationError where the root is no folder.
    """

    def __init__(self, root: Path | str, *, strict: bool = False) -> None:
        self.root = Path(root).resolve()
        self._place = Path(root).absolute()
        if not self.root.is_dir():
            raise ConfigurationError(
                f"There is no folder {self.root}. Name the root of an installation: the folder with modules/ and data/."
            )
        self.container = Container()
        self._modules: ModuleManager | None = None
        self._entity_manager: Any = None
        self._warns = False
        try:
            self._boot(strict)
        except BaseException:
            self.close()
            raise

    def run(self, words: Sequence[str]) -> int:
        """Run a console command and answer its exit status."""
        config: Config = self.container.get("config")
        if config.problem is not None and list(words) not in _WITHOUT_SETTINGS:
            raise ConfigurationError(config.problem)
        if list(words) != ["cron"]:  # it comes every minute, and the job manager that it starts says the same
            self.log_set_aside()
        self._warns = not words or words[0] not in _SAY_IT_THEMSELVES
        return int(self.container.get("consoleManager").run(words))

    def log_set_aside(self) -> None:
        """Warn in the log of every module that could not be loaded."""
        manager: ModuleManager = self.container.get("moduleManager")
        for text in manager.warnings:
            logger.warning("%s", text)
        for each in manager.set_aside:
            logger.warning("The module '%s' is set aside: %s", each.module, each)

    def close(self) -> None:
        """Close what was opened, and unload the modules."""
        self.container.close()
        if self._modules is not None:
            self._modules.close()
            self._modules = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _boot(self, strict: bool) -> None:
        container = self.container
        config = Config(self.root)
        container.set_service("config", config)
        container.set_service("memoryStorage", MemoryStorage())
        container.set_factory("logFile", self._make_log_file)
        container.get("logFile")  # from here on what is logged has a place
        container.set_service("log", logger)
        self._modules = ModuleManager(self.root, strict)
        container.set_service("moduleManager", self._modules)
        events = EventManager(container.build, strict=strict)
        container.set_service("eventManager", events)
        self._register_factories()
        events.add_directory("core", _CORE / "Listeners", "core.Listeners")
        for module in self._modules.modules:
            events.add_directory(module.id, module.path / "Listeners", f"{module.package}.Listeners")
        self._modules.load(container)

    def _register_factories(self) -> None:
        factories = {
            "metadata": self._make_metadata,
            "language": self._make_language,
            "connection": self._make_connection,
            "schema": self._make_schema,
            "jobQueue": self._make_job_queue,
            "announcer": self._make_announcer,
            "entityManager": self._make_entity_manager,
            "migrator": self._make_migrator,
            "dataManager": self._make_data_manager,
            "serviceFactory": self._make_service_factory,
            "selectManagerFactory": self._make_select_manager_factory,
            "twig": self._make_twig,
            "mailSender": self._make_mail_sender,
            "layoutManager": self._make_layout_manager,
            "jobManager": self._make_job_manager,
            "handlerFaults": self._make_handler_faults,
            "consoleManager": self._make_console_manager,
        }
        for name, factory in factories.items():
            self.container.set_factory(name, factory)
        # Whoever it is at the moment.
        self.container.set_factory("user", lambda container: container.get("entityManager").get_user(), shared=False)
        for cls, name in _CLASSES.items():
            self.container.set_alias(cls, name)

    def _folders(self, *names: str) -> Iterator[tuple[str, Path]]:
        """A folder of core and of each module in load order, with its owner; it need not exist."""
        yield "core", _CORE.joinpath(*names)
        if self._modules is not None:
            for module in self._modules.modules:
                yield module.id, module.path.joinpath(*names)

    def _make_log_file(self, container: Container) -> LogFile:
        config: Config = container.get("config")
        return LogFile(self.root / str(config.get("logger.path")), str(config.get("logger.level")))

    def _make_metadata(self, container: Container) -> Any:
        from core.metadata import OWN, Layer, Metadata

        own = Layer(OWN, self.root / "data" / "metadata")
        layers = [Layer(owner, path) for owner, path in self._folders("Resources", "metadata")]
        manifests = [module.path / "module.yaml" for module in self._loaded]
        return Metadata(
            [*layers, own],
            self.root / "data" / "cache",
            container.get("eventManager"),
            [self.root / "data" / "modules.json", *manifests],
        )

    def _make_language(self, container: Container) -> Any:
        from core.language import Language
        from core.metadata import Layer

        layers = [Layer(owner, path) for owner, path in self._folders("Resources", "i18n")]
        layers.append(Layer("data/i18n", self.root / "data" / "i18n"))
        config: Config = container.get("config")
        return Language(
            layers,
            lambda: self._locale_of_user() or str(config.get("language")),
            container.get("eventManager"),
            fallback_locale=lambda: config.get("fallbackLanguage"),
        )

    def _locale_of_user(self) -> str | None:
        """The field `language` of the current user, where a module has given users one."""
        if self._entity_manager is None:
            return None  # nobody has said yet who the user is, and a translation alone needs no entities
        user = self._entity_manager.get_user()
        return user.get("language") or None if user.has_attribute("language") else None

    def _make_connection(self, container: Container) -> Any:
        from core.orm import Database

        config: Config = container.get("config")
        if config.problem is not None:
            # The broken file may name another database than the default one.
            raise ConfigurationError(config.problem)
        database = Database(
            config.database_url,
            synchronous=str(config.get("database.synchronous")).upper(),
            lock_timeout_seconds=float(config.get("database.lockTimeout")),
            reconnect_seconds=float(config.get("database.reconnectTimeout")),
        )
        database.on_first_use(self._is_current, self._prepare)
        return database

    def _is_current(self, connection: Any) -> bool:
        is_current: bool = self.container.get("dataManager").is_current(connection)
        if is_current:
            self._warn_of_database()
        return is_current

    def _prepare(self, connection: Any) -> None:
        self.container.get("dataManager").prepare(connection)
        self._warn_of_database()

    def _warn_of_database(self) -> None:
        """Say once in a command, and in the job manager's log, what in the database is behind; workers are silent."""
        for text in self.container.get("dataManager").warnings if self._warns else ():
            logger.warning("%s", text)
            output.warning(text)

    def _make_schema(self, container: Container) -> Any:
        from core.job_queue.attempts import RECORDED
        from core.job_queue.counters import COUNTED
        from core.job_queue.nodes import NOTED
        from core.job_queue.type_states import STATED
        from core.orm import Schema
        from core.Repositories.Job import NEEDED

        needed = {"Job": NEEDED, "JobAttempt": RECORDED, "JobCounter": COUNTED, "JobNode": NOTED}
        needed |= {"JobTypeState": STATED}
        return Schema(container.get("metadata"), needed, dialect=container.get("config").database_dialect)

    def _make_announcer(self, container: Container) -> Any:
        from core.job_queue.announcement import Announcer

        return Announcer(self.root, lambda channel: container.get("connection").notify(channel))

    def _make_job_queue(self, container: Container) -> Any:
        from core.job_queue.node import node_name
        from core.job_queue.queue import JobQueue

        get = container.get
        config = get("config")
        return JobQueue(
            *(get("connection"), get("schema"), get("announcer"), get("metadata")),
            node=node_name(config, self.root),
            priority_aging=lambda: float(config.get("priorityAging")),
        )

    def _make_entity_manager(self, container: Container) -> Any:
        from core.orm import EntityManager

        get = container.get
        self._entity_manager = EntityManager(
            get("connection"),
            get("schema"),
            get("eventManager"),
            self._class_finder(),
            container,
            str(get("config").get("systemUserId")),
        )
        return self._entity_manager

    def _class_finder(self) -> Any:
        from core.orm import ClassFinder

        return ClassFinder([("core", _CORE), *((module.package, module.path) for module in self._loaded)])

    def _make_migrator(self, container: Container) -> Any:
        from core.migrator import Migrator, Owner

        modules = [Owner(module.id, module.package, module.path, module.version) for module in self._loaded]
        return Migrator([Owner("core", "core", _CORE, __version__), *modules], container.get("connection"), container)

    def _make_data_manager(self, container: Container) -> Any:
        from core.data_manager import DataManager

        get = container.get
        return DataManager(
            self.root,
            get("metadata"),
            get("connection"),
            get("schema"),
            lambda: get("entityManager").reload(),
            get("migrator"),
            get("moduleManager"),
        )

    def _make_service_factory(self, container: Container) -> Any:
        from core.Services import ServiceFactory

        return ServiceFactory(container.get("metadata"), self._loaded, container)

    def _make_select_manager_factory(self, container: Container) -> Any:
        from core.SelectManagers import SelectManagerFactory

        return SelectManagerFactory(self._class_finder(), container.get("entityManager"))

    def _make_twig(self, container: Container) -> Any:
        from core.module_manager import load_class
        from core.templating import Twig

        get = container.get
        return Twig(get("metadata"), get("config"), lambda reference: container.build(load_class(reference)))

    def _make_layout_manager(self, container: Container) -> Any:
        from core.layouts import LayoutLayer, LayoutManager

        changes = {module.id: partial(container.get("moduleManager").change_layout, module) for module in self._loaded}
        layers = [LayoutLayer(owner, path, changes.get(owner)) for owner, path in self._folders("Resources", "layouts")]
        own = self.root / "data" / "layouts"
        return LayoutManager(layers, own, container.get("metadata"), container.get("eventManager"))

    def _make_mail_sender(self, container: Container) -> Any:
        from core.mail import MailSender

        return MailSender(container.get("config"), lambda: container.get("entityManager"))

    def _make_handler_faults(self, container: Container) -> Any:
        from core.job_manager.handler_faults import HandlerFaults

        return HandlerFaults(container.get("metadata"))

    def _make_job_manager(self, container: Container) -> Any:
        from core.job_manager.job_manager import JobManager

        return JobManager(container, self.root, self._place)

    def _make_console_manager(self, container: Container) -> Any:
        from core.console_manager import ConsoleManager
        from core.Module import Module
        from core.module_manager.manifest import Manifest

        core = Module("core", _CORE, Manifest())
        return ConsoleManager(container, [core, *(module.instance for module in self._loaded)])

    @property
    def _loaded(self) -> list[Any]:
        return self._modules.modules if self._modules is not None else []
