"""Core's repositories with rules of their own: one class a file, found by the file's name. Nothing here runs a job."""

from core.Repositories.Job import Job
from core.Repositories.Role import Role
from core.Repositories.ScheduledJob import ScheduledJob

__all__ = ["Job", "Role", "ScheduledJob"]
