"""Core as a module sees itself: what it contributes by hooks."""

from __future__ import annotations

from core.module_manager import AbstractModule


class Module(AbstractModule):
    """Core loads before every module."""

    def get_console_commands(self) -> dict[str, str | type]:
        """AtroCore's commands, and those beyond them."""
        return {
            "list": "core.Console.ListCommands",
            "cron": "core.Console.Cron",
            "cron explain <expression> [--tz=ZONE] [--json]": "core.Console.CronExplain",
            "daemon <name> <id> [--trial] [--lock=DESCRIPTOR] [--place=FOLDER]": "core.Console.Daemon",
            "kill daemons": "core.Console.KillDaemons",
            "clear cache": "core.Console.ClearCache",
            "rebuild": "core.Console.Rebuild",
            "sql diff [--show] [--run] [--with-drops] [--json]": "core.Console.SqlDiff",
            "migrate [<module>] [<from>] [<to>]": "core.Console.Migrate",
            "database copy <url> [--switch] [--leave-behind] [--json]": "core.Console.DatabaseCopy",
            "check": "core.Console.Check",
            "doctor [--json]": "core.Console.Doctor",
            "modules [--json]": "core.Console.Modules",
            "job <id> --run": "core.Console.JobRun",
            "job types [--json]": "core.Console.JobTypes",
            "job add <type> [--payload=JSON] [--priority=N] [--at=TIME] [--name=TEXT] [--on-conflict=WHAT] "
            "[--json]": "core.Console.JobAdd",
            "job list [--status=STATUS] [--type=TYPE] [--limit=N] [--json]": "core.Console.JobList",
            "job show <id> [--json]": "core.Console.JobShow",
            "job why <id> [--json]": "core.Console.JobWhy",
            "job cancel <id>": "core.Console.JobCancel",
            "job retry <id>": "core.Console.JobRetry",
            "job wait [<id>] [--timeout=S] [--json]": "core.Console.JobWait",
            "job log <id> [--follow]": "core.Console.JobLog",
            "job manager status [--json]": "core.Console.JobManagerStatus",
            "job manager pause [--type=TYPE] [--everywhere] [--reason=TEXT] [--json]": "core.Console.JobManagerPause",
            "job manager resume [--type=TYPE] [--everywhere]": "core.Console.JobManagerResume",
            "job manager forget <node> [--run] [--json]": "core.Console.JobManagerForget",
            "serve [--host=ADDRESS] [--port=N]": "core.Console.Serve",
            "web handlers": "core.Console.WebHandlers",
            "web server [--trial] [--listener=DESCRIPTOR] [--since=SECONDS] [--place=FOLDER]": "core.Console.WebServer",
            "user add <name> [--admin] [--role=ROLE]": "core.Console.UserAdd",
            "user list [--json]": "core.Console.UserList",
            "user password <name>": "core.Console.UserPassword",
            "user role <name> <role>": "core.Console.UserRole",
            "user token <name> [--label=TEXT] [--days=N] [--read]": "core.Console.UserToken",
            "schedule list [--active] [--inactive] [--json]": "core.Console.ScheduleList",
            "schedule add <type> [--cron=EXPRESSION] [--name=TEXT] [--time-zone=ZONE] [--payload=JSON] [--priority=N] "
            "[--overlap=WORD] [--catch-up=WORD] [--jitter=S] [--starts-at=TIME] [--ends-at=TIME] [--max-failures=N] "
            "[--inactive] [--json]": "core.Console.ScheduleAdd",
            "schedule show <id> [--json]": "core.Console.ScheduleShow",
            "schedule pause <id> [--json]": "core.Console.SchedulePause",
            "schedule resume <id> [--json]": "core.Console.ScheduleResume",
            "schedule run <id> [--json]": "core.Console.ScheduleRun",
            "schedule remove <id> [--json]": "core.Console.ScheduleRemove",
        }
