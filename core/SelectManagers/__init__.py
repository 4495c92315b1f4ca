"""What lists can be narrowed down to by name: one class a file, found by the file's name. No SQL in here."""

from core.SelectManagers.Base import Base
from core.SelectManagers.Job import Job
from core.SelectManagers.SelectManagerFactory import SelectManagerFactory

__all__ = ["Base", "Job", "SelectManagerFactory"]
