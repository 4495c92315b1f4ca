"""AtroCore's commands, as a person types them."""

import pytest

from core.testing import Installation

GREETER = {
    "Module.py": """\
        from core.module_manager import AbstractModule


        class Module(AbstractModule):
            def get_console_commands(self) -> dict[str, str | type]:
                return {"greet <name> [--loud]": "Greeter.Console.Greet", "clear cache": "Greeter.Console.Greet"}
        """,
    "Console/Greet.py": """\
        from core.Console import AbstractConsole


        class Greet(AbstractConsole):
            @staticmethod
            def get_description() -> str:
                return "Greets."

            def run(self, params: dict) -> int:
                print(f"Hello {params.get('name')}", "!" if params.get("loud") else "")
                return 3
        """,
}


def test_the_traceback_of_a_command_ends_with_its_name(installation: Installation) -> None:
    broken = GREETER["Console/Greet.py"].replace("return 3", "return int('x')")
    installation.add_module("Greeter", {**GREETER, "Console/Greet.py": broken})

    finished = installation.console("greet", "Ada")

    *traceback, last = finished.stderr.splitlines()
    assert finished.returncode == 1
    assert traceback[-1] == "ValueError: invalid literal for int() with base 10: 'x'"
    assert last == "raised by Greeter.Console.Greet, the command 'greet <name> [--loud]' of Greeter"


def test_list_shows_the_commands_that_are_not_hidden(installation: Installation) -> None:
    finished = installation.console("list")

    assert (finished.returncode, finished.stderr) == (0, "")
    header, *lines = finished.stdout.splitlines()
    assert header == "Available commands:"
    assert any(line.startswith("cron ") and line.endswith("Run CRON.") for line in lines)
    patterns = [line.split("  ")[0] for line in lines if line[0] != " "]
    assert patterns == sorted(patterns)
    assert "job <id> --run" in patterns
    assert not any(line.startswith("daemon") for line in lines)


def test_an_unknown_command_is_an_error_with_the_nearest_ones(installation: Installation) -> None:
    finished = installation.console("kill", "deamons")

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith("No such console command!")
    assert finished.stderr.splitlines()[1] == "  kill daemons"


def test_no_command_is_an_unknown_one(installation: Installation) -> None:
    finished = installation.console()

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith("No such console command!")


def test_clear_cache_empties_the_cache_and_nothing_else(installation: Installation) -> None:
    for folder in ("cache", "logs"):
        (installation.data / folder / "deep").mkdir(parents=True, exist_ok=True)
        (installation.data / folder / "deep" / "file").touch()

    finished = installation.console("clear", "cache")

    assert (finished.returncode, finished.stdout) == (0, "Cache successfully cleared\n")
    assert list((installation.data / "cache").iterdir()) == []
    assert (installation.data / "logs" / "deep" / "file").exists()


def test_kill_daemons_leaves_the_flag(installation: Installation) -> None:
    finished = installation.console("kill", "daemons")

    assert (finished.returncode, finished.stdout) == (0, "All daemons killed successfully\n")
    assert (installation.data / "process-kill.txt").exists()


def test_an_unknown_daemon_is_an_error(installation: Installation) -> None:
    finished = installation.console("daemon", "composer", "1")

    assert finished.returncode == 1
    assert "composer" in finished.stderr


def test_a_module_adds_and_replaces_commands(installation: Installation) -> None:
    installation.add_module("Greeter", GREETER)

    greeting = installation.console("greet", "dear World", "--loud")
    replaced = installation.console("clear", "cache")

    assert (greeting.returncode, greeting.stdout) == (3, "Hello dear World !\n")
    assert replaced.stdout.startswith("Hello None")


def test_a_wrong_option_of_a_modules_command_is_named(installation: Installation) -> None:
    installation.add_module("Greeter", GREETER)

    finished = installation.console("greet", "World", "--lout")

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == "--lout is no option of \"greet <name>\". Did you mean '--loud'?\n"


def test_ctrl_c_while_a_connection_goes_back_to_its_pool_ends_a_command_quietly(installation: Installation) -> None:
    body = """\
        from core.Console import AbstractConsole
        from sqlalchemy import event


        class Greet(AbstractConsole):
            @staticmethod
            def get_description() -> str:
                return "Is interrupted."

            def run(self, params: dict) -> int:
                engine = self.get_entity_manager().database.engine

                @event.listens_for(engine, "reset")
                def interrupt(*_: object) -> None:
                    raise KeyboardInterrupt

                with engine.connect():
                    print("connected", flush=True)
                return 0
        """
    installation.add_module("Greeter", {**GREETER, "Console/Greet.py": body})

    finished = installation.console("greet", "World")

    assert (finished.returncode, finished.stdout, finished.stderr) == (130, "connected\n", "")


@pytest.mark.parametrize(
    ("words", "start"), [(["list"], "Available"), (["job", "list"], "id"), (["modules"], "module")]
)
def test_a_broken_module_breaks_no_command(installation: Installation, words: list[str], start: str) -> None:
    installation.add_module("Broken", {"Module.py": "this is no Python"})

    finished = installation.console(*words)

    assert finished.returncode == 0
    assert finished.stdout.startswith(start)


def test_a_broken_configuration_is_an_error_of_every_command(installation: Installation) -> None:
    (installation.data / "config.py").write_text("config = {\n    'language': \n}\n")

    finished = installation.console("list")

    assert (finished.returncode, finished.stdout) == (1, "")
    assert "config.py" in finished.stderr
    assert "2" in finished.stderr


def test_modules_are_shown_in_load_order_with_those_set_aside(installation: Installation) -> None:
    installation.add_module("Late", {"module.yaml": 'version: "1.2"\nloadOrder: 20\ndescription: Comes late\n'})
    installation.add_module("Early", {"module.yaml": "loadOrder: 5\n"})
    installation.add_module("Broken", {"Module.py": "import nothing_of_this_name\n"})

    finished = installation.console("modules")

    names = [line.split()[0] for line in finished.stdout.splitlines()]
    assert names == ["module", "Early", "Late"]
    assert "Comes late" in finished.stdout
    assert "Broken" in finished.stderr
    assert "Module.py:1" in finished.stderr
    assert "nothing_of_this_name" in finished.stderr
