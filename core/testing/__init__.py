"""Whole installations in temporary folders, for module authors' tests and ours. Nothing in core imports this room."""

from core.testing.installation import Installation

__all__ = ["Installation"]
