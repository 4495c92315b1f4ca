"""Core's migrations, a class a file (`V1Dot2Dot3.py`), and the base class of all; which run is not known here."""

from core.Migrations.AbstractMigration import AbstractMigration

__all__ = ["AbstractMigration"]
