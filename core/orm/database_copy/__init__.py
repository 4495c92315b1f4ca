"""Copying all rows into another database, and comparing the two. The source is read only, the target added to only."""

from core.orm.database_copy.copier import Copier
from core.orm.database_copy.report import CopyReport, LeftBehind, TableResult, UnfitRow
from core.orm.database_copy.target import Target

__all__ = ["Copier", "CopyReport", "LeftBehind", "TableResult", "Target", "UnfitRow"]
