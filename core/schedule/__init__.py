"""When schedules fire: mathematics of expressions, calendars and clocks; no database, and nobody's present moment."""

from core.schedule.schedule import Schedule

__all__ = ["Schedule"]
