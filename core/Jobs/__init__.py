"""Core's job types, a class a file, and what every job extends; running them is the job manager's work."""

from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface

__all__ = ["AbstractJob", "JobInterface"]
