"""Which migrations there are, which have run, and running the others. It knows the base class, no single migration."""

from core.migrator.migration_file import MigrationFile
from core.migrator.migrator import Migrator, Owner
from core.migrator.version import Version

__all__ = ["MigrationFile", "Migrator", "Owner", "Version"]
