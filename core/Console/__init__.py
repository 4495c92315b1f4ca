"""Core's console commands, a class a file, and the base class of all; which words mean which is not known here."""

from core.Console.AbstractConsole import AbstractConsole

__all__ = ["AbstractConsole"]
