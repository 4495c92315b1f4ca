"""Core's services, a class a file, and the factory that finds those of core and of the modules by name."""

from core.Services.ServiceFactory import ServiceFactory

__all__ = ["ServiceFactory"]
