"""`check` says all that is wrong at once."""

import pytest

from core.testing import Installation

JOB_TYPES = "Resources/metadata/app/jobTypes.json"


def test_a_fresh_installation_is_fine(installation: Installation) -> None:
    finished = installation.console("check")

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "Everything is fine.\n", "")


def test_all_errors_are_shown_at_once(installation: Installation) -> None:
    installation.write_config(maxConcurrentWorkers="many")
    installation.add_module("Broken", {"Module.py": "import nothing_of_this_name\n"})
    installation.add_module(
        "Wrong",
        {
            JOB_TYPES: {
                "Lost": {"handler": "\\Wrong\\Jobs\\Lost"},
                "Odd": {"handler": "\\Wrong\\Jobs\\Odd", "scheduledJob": "perhaps"},
                "Spare": {"handler": "\\Wrong\\Jobs\\Spare"},
            },
            "Jobs/Odd.py": "Odd = 5\n",
            "Jobs/Spare.py": "class Spare:\n    pass\n",
            "Listeners/JobEntity.py": """\
                from core.Listeners import AbstractListener


                class JobEntity(AbstractListener):
                    def befor_save(self, event):
                        pass
                """,
            "Module.py": """\
                from core.module_manager import AbstractModule


                class Module(AbstractModule):
                    def get_console_commands(self):
                        return {"wrong <my pattern>": "Wrong.Console.X", "lost": "Wrong.Console.Lost"}
                """,
        },
    )

    finished = installation.console("check")

    assert finished.returncode == 1
    for part in (
        "maxConcurrentWorkers",
        "nothing_of_this_name",
        "befor_save",
        "wrong <my pattern>",
        "Wrong.Console.Lost",
        "scheduledJob",
        "job type 'Lost' cannot be imported",
        "job type 'Odd' is not a class",
        "job type 'Spare' does not implement JobInterface",
    ):
        assert part in finished.stderr


def test_schedules_of_a_module_that_could_not_be_made_are_errors_said_once(installation: Installation) -> None:
    good = {"type": "Sync", "scheduling": "@daily", "payload": {"n": 1}}
    schedules = {"Good": good, "Key": {**good, "colour": "red"}, "Payload": {**good, "payload": {"n": "one"}}}
    schedules["Both"] = {**good, "overlap": "skp", "payload": {"n": "one"}}
    schema = {"properties": {"n": {"type": "integer"}}}
    installation.add_job_type("Sync", "pass", scheduledJob=True, payloadSchema=schema)
    installation.add_module("Planter", {"Resources/metadata/app/scheduledJobs.json": schedules})

    finished = installation.console("check")

    assert finished.returncode == 1
    assert "app.scheduledJobs.Key: ScheduledJob has no attribute 'colour'" in finished.stderr
    assert "app.scheduledJobs.Payload: The payload of the schedule 'Payload' does not fit its type" in finished.stderr
    assert finished.stderr.count("app.scheduledJobs.Both") == 1
    assert "3 errors, 0 warnings." in finished.stderr


def test_a_broken_configuration_is_shown_among_the_rest(installation: Installation) -> None:
    (installation.data / "config.py").write_text("config = {\n")
    installation.add_module("Broken", {"Module.py": "import nothing_of_this_name\n"})

    finished = installation.console("check")

    assert finished.returncode == 1
    assert finished.stderr.count("config.py") == 1  # though nothing that needs the database can be judged
    assert "nothing_of_this_name" in finished.stderr


def test_metadata_that_do_not_fit_together_are_shown_among_the_rest(installation: Installation) -> None:
    installation.add_module("Clash", {JOB_TYPES: {"Rebuild": "a text"}})
    installation.add_module("Broken", {"Module.py": "import nothing_of_this_name\n"})

    finished = installation.console("check")

    assert finished.returncode == 1
    assert "jobTypes.json" in finished.stderr
    assert "nothing_of_this_name" in finished.stderr


def test_warnings_alone_are_no_error(installation: Installation) -> None:
    installation.add_module("Odd", {JOB_TYPES: {"Rebuild": {"priorty": 5}}})

    finished = installation.console("check")

    assert (finished.returncode, finished.stdout) == (0, "No errors, 2 warnings.\n")
    assert "module 'Odd' overrides the job type 'Rebuild' of core" in finished.stderr
    assert "Did you mean 'priority'?" in finished.stderr


def test_what_an_entity_names_and_cannot_be_had_is_an_error(installation: Installation) -> None:
    installation.add_module(
        "Shop",
        {
            "Resources/metadata/scopes/Maker.json": {"entity": True},
            "Resources/metadata/entityDefs/Maker.json": {
                "fields": {"a": {"type": "varchr"}, "b": {"type": "link"}, "c": {}, "d": [], "e": {"type": "link"}},
                "links": {"e": {"type": "belongsTo", "entity": "Jobb"}},
                "indexes": {"x": {"columns": ["nme"]}},
            },
            "Repositories/Maker.py": "1 / 0\n",
            "Entities/Maker.py": "class Maker:\n    pass\n",
        },
    )

    finished = installation.console("check")

    for part in (
        "the field 'a' has the unknown type 'varchr'. Did you mean 'varchar'?",
        "the field 'b' is a link, but",
        "entityDefs.Maker.fields.c: it has no type in any layer",
        "entityDefs.Maker.fields.d: [] is not an object",
        "the index 'x' has the unknown column 'nme'.",
        "the link 'e' leads to 'Jobb', which is no entity. Did you mean 'Job'?",
        "Repositories/Maker.py cannot be loaded: ZeroDivisionError",
        "Entities/Maker.py has no class 'Maker' that is a core.orm.entity.Entity.",
    ):
        assert finished.stderr.count(part) == 1
    assert "8 errors, 0 warnings." in finished.stderr


def test_parameters_that_cannot_be_had_are_errors_said_once(installation: Installation) -> None:
    conditions = {"required": {"conditionGroup": [{"type": "isTru", "attribute": "a"}]}, "visible": {}}
    installation.add_module(
        "Shop",
        {
            "Resources/metadata/scopes/Maker.json": {"entity": True, "type": "Bas"},
            "Resources/metadata/entityDefs/Maker.json": {
                "fields": {
                    "a": {"type": "int", "min": 5, "default": 3},
                    "b": {"type": "varchar", "pattern": "(", "conditionalProperties": conditions},
                    "c": {"type": "int", "min": []},
                    "d": {"type": "enum", "options": "x"},
                },
            },
        },
    )

    finished = installation.console("check")

    for part in (
        "the field 'a' has the default 3, which is less than 5.",
        "the field 'b' has the pattern '(', which is no regular expression: missing )",
        "the field 'b' has conditionalProperties: required: there is no condition 'isTru'. Did you mean 'isTrue'?",
        "the field 'b' has conditionalProperties: visible: None is no list of conditions.",
        "entityDefs.Maker.fields.c.min: [] is not a number, a date or a moment",
        'entityDefs.Maker.fields.d.options: "x" is not a list of options',
        "\"Bas\" is not one of Base, Hierarchy, Relation, ReferenceData, Archive. Did you mean 'Base'?",
    ):
        assert finished.stderr.count(part) == 1
    assert "7 errors, 0 warnings." in finished.stderr


def test_what_else_modules_name_and_cannot_be_had_is_an_error(installation: Installation) -> None:
    installation.write_config(database={"driver": "pdo_sqlsrv", "dbname": "a"})
    installation.add_module(
        "Shop",
        {
            "Resources/metadata/app/services.json": {"Cart": "Shop.Services.Lost"},
            "Resources/metadata/twig/filters.json": {"price": {"handler": "Shop.TwigFilter.Lost"}},
            "Resources/metadata/twig/functions.json": {"now": "Shop.TwigFunction.Now"},
            "Resources/i18n/de_DE/Shop.json": "{",
        },
    )

    finished = installation.console("check")

    for part in (
        "database.driver is 'pdo_sqlsrv', which is not known. Did you mean 'pdo_pgsql'?",
        "Service 'Cart' cannot be imported",
        "'Shop.TwigFilter.Lost' of twig.filters.price cannot be made",
        'twig.functions.now: "Shop.TwigFunction.Now" is not an object with handler',
        "de_DE/Shop.json:1: ",
    ):
        assert finished.stderr.count(part) == 1
    assert "5 errors, 0 warnings." in finished.stderr


def test_what_is_named_nearly_as_an_entity_is_a_warning(installation: Installation) -> None:
    listener = "class UsrEntity:\n    def after_save(self, event): pass\n"
    installation.add_module(
        "Shop",
        {
            "Listeners/UsrEntity.py": listener,
            "Repositories/Usr.py": "",
            "SelectManagers/Usr.py": "",
            "Entities/Own.py": "",
        },
    )

    finished = installation.console("check")

    assert finished.stdout == "No errors, 3 warnings.\n"
    assert "Listeners/UsrEntity.py: there is no entity 'Usr' to listen to. Did you mean 'User'?" in finished.stderr
    for folder in ("Repositories", "SelectManagers"):
        assert f"{folder}/Usr.py: there is no entity 'Usr'. Did you mean 'User'?" in finished.stderr


def test_a_folder_that_is_named_nearly_as_one_that_is_looked_into_is_a_warning(installation: Installation) -> None:
    installation.add_module(
        "Shop",
        {"Listners/JobEntity.py": "", "Resources/layout/Job/list.json": "[]", "prices/x.py": "", "docs/x.md": ""},
    )

    finished = installation.console("check")

    assert finished.stdout == "No errors, 2 warnings.\n"
    assert "Shop/Listners: nobody looks into this folder. Did you mean 'Listeners'?" in finished.stderr
    assert "Shop/Resources/layout: nobody looks into this folder. Did you mean 'layouts'?" in finished.stderr


def test_a_select_manager_that_cannot_be_had_is_named(installation: Installation) -> None:
    installation.add_module("Shop", {"SelectManagers/User.py": "class Usr: pass\n"})

    finished = installation.console("check")

    assert finished.returncode == 1
    assert "SelectManagers/User.py has no class 'User' that is a core.SelectManagers.Base" in finished.stderr


def test_a_module_whose_name_is_not_ascii_is_fine(installation: Installation) -> None:
    handler = "from core.Jobs import JobInterface\n\n\nclass Zählen(JobInterface):\n    def run(self, job): pass\n"
    listener = "class JobEntity:\n    def after_save(self, event): pass\n"
    files = {
        "Jobs/Zählen.py": handler,
        "Listeners/JobEntity.py": listener,
        "Services/Größen.py": "class Größen: pass\n",
    }
    files[JOB_TYPES] = {"Zählen": {"handler": "\\Ünï\\Jobs\\Zählen"}, "Count": {"handler": "Ünï.Jobs.Zählen"}}
    services = {"Größen": "\\Ünï\\Services\\Größen"}
    installation.add_module("Ünï", {**files, "Resources/metadata/app/services.json": services})

    finished = installation.console("check")

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "Everything is fine.\n", "")


@pytest.mark.parametrize("command", ["check", "job list"])
def test_a_listener_that_breaks_the_metadata_is_named(installation: Installation, command: str) -> None:
    installation.add_module("Shop", {"Listeners/Metadata.py": "class Metadata:\n    def modify(self, event): 1 / 0\n"})

    finished = installation.console(*command.split())

    assert "Shop/Listeners/Metadata.py, line 2: The metadata cannot be had: ZeroDivisionError: " in finished.stderr
    assert "(raised by Shop.Listeners.Metadata.modify (module Shop))" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert finished.returncode == 1
