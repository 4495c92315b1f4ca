"""Core's entities with methods of their own: one class a file, found by the name of the file. No SQL in here."""

from core.Entities.Job import Job
from core.Entities.Role import Role
from core.Entities.User import User

__all__ = ["Job", "Role", "User"]
