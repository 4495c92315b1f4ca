"""Core's services, a class a file, what services extend, and the factory that finds them by name."""

from core.Services.AbstractService import AbstractService
from core.Services.Record import Record
from core.Services.ServiceFactory import ServiceFactory

__all__ = ["AbstractService", "Record", "ServiceFactory"]
