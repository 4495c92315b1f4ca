"""What a command reads from the command line and writes to the terminal; nothing in here knows of jobs or modules.

Nothing heavy may be imported in here: every command loads it.
"""

from core.terminal.pattern import CommandPattern, Match

__all__ = ["CommandPattern", "Match"]
