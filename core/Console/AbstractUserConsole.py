"""What the commands about users share."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import TYPE_CHECKING

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError

if TYPE_CHECKING:  # it loads the database's library
    from core.access import Accounts


class AbstractUserConsole(AbstractConsole):
    """A command about users."""

    @property
    def accounts(self) -> Accounts:
        """Adds and finds users."""
        from core.access import Accounts  # the database's library: most commands need none

        return self.get_container().get(Accounts)

    def ask_password(self) -> str:
        """The password: typed twice by a person, or the first line of standard input."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        password = getpass("Password: ")
        if getpass("Once more: ") != password:
            raise ConsoleError("The two passwords differ. Nothing was changed.")
        return password
