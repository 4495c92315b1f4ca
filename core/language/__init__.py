"""Texts in the user's language; nothing here knows who shows them."""

from core.language.language import Language

__all__ = ["Language"]
