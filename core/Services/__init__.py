"""Core's services, a class a file, what services extend, and the factory that finds them by name."""

from core.Services.AbstractService import AbstractService
from core.Services.Job import Job
from core.Services.MassActions import MassActions
from core.Services.Record import Record
from core.Services.ScheduledJob import ScheduledJob
from core.Services.ServiceFactory import ServiceFactory

__all__ = ["AbstractService", "Job", "MassActions", "Record", "ScheduledJob", "ServiceFactory"]
