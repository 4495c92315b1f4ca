"""Core's repositories with rules of their own: one class a file, found by the name of the file. Nothing here runs a job."""

from core.Repositories.Job import Job

__all__ = ["Job"]
