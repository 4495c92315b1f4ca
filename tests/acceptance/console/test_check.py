"""`check` says all that is wrong at once."""

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


def test_a_broken_configuration_is_shown_among_the_rest(installation: Installation) -> None:
    (installation.data / "config.py").write_text("config = {\n")
    installation.add_module("Broken", {"Module.py": "import nothing_of_this_name\n"})

    finished = installation.console("check")

    assert finished.returncode == 1
    assert "config.py" in finished.stderr
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
