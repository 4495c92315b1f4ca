"""Core's listeners, a file for each event target, and the base class of all; who dispatches is not known here."""

from core.Listeners.AbstractListener import AbstractListener

__all__ = ["AbstractListener"]
